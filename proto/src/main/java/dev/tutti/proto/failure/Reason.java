package dev.tutti.proto.failure;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Why something of the world failed, in words. The messages of Java's exceptions cannot be shown as
 * they are: some are null, those about files are a path alone, those of native calls begin with the
 * name of a function.
 */
public final class Reason {
    /** Such as "bind(..) failed with error(-98): Address already in use". */
    private static final Pattern NATIVE =
            Pattern.compile("\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: (.+)");

    private Reason() {}

    /** Returns the reason behind a failure, without a full stop; never empty. */
    public static String of(Throwable failure) {
        var root = failure;
        while (isWrapping(root) && root.getCause() != null) {
            root = root.getCause();
        }
        var words = words(root);
        if (words.isPresent()) {
            return words.get();
        }
        var message = root.getMessage();
        if (message != null && !message.isBlank()) {
            return plain(message);
        }
        return root.getCause() != null ? of(root.getCause()) : name(root);
    }

    /** Returns the same for a line that names a file already: only another one is named again. */
    public static String of(Throwable failure, Path named) {
        var reason = of(failure);
        var prefix = named + ": ";
        return reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason;
    }

    /** Tells whether what is behind a failure says more than it does. */
    private static boolean isWrapping(Throwable failure) {
        return failure instanceof UncheckedIOException
                || failure instanceof CompletionException
                || failure instanceof ExecutionException
                || (failure.getClass() == IOException.class && isEcho(failure))
                || (failure.getClass() == RuntimeException.class && isEcho(failure));
    }

    /** Tells whether a failure's message only repeats its cause. */
    private static boolean isEcho(Throwable failure) {
        var cause = failure.getCause();
        return cause != null
                && (failure.getMessage() == null
                        || failure.getMessage().equals(cause.toString())
                        || failure.getMessage().startsWith("Failed to bind to address"));
    }

    private static Optional<String> words(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException e -> Optional.of(about(e, "there is no such file"));
            case FileAlreadyExistsException e -> Optional.of(about(e, "it is there already"));
            case AccessDeniedException e -> Optional.of(about(e, "there is no permission"));
            case DirectoryNotEmptyException e ->
                    Optional.of(about(e, "the directory is not empty"));
            case NotDirectoryException e -> Optional.of(about(e, "it is no directory"));
            case FileSystemLoopException e -> Optional.of(about(e, "links lead back to it"));
            case FileSystemException e ->
                    Optional.of(
                            about(
                                    e,
                                    e.getReason() == null
                                            ? "it cannot be used"
                                            : plain(e.getReason())));
            case FileNotFoundException e when e.getMessage() != null -> Optional.of(e.getMessage());
            case EOFException _ -> Optional.of("it ends too early: it is truncated");
            case CharacterCodingException _ -> Optional.of("it is not text in UTF-8");
            case OverlappingFileLockException _ ->
                    Optional.of("this process has locked it already");
            case ClosedChannelException _ -> Optional.of("it was closed meanwhile");
            case UnknownHostException _, UnresolvedAddressException _ ->
                    Optional.of("the host's name cannot be resolved");
            case UnsupportedAddressTypeException _ ->
                    Optional.of("this machine cannot use addresses of that kind");
            case NoRouteToHostException _ -> Optional.of("there is no route to the host");
            case SocketTimeoutException _, TimeoutException _ ->
                    Optional.of("there was no answer in time");
            default -> Optional.empty();
        };
    }

    private static String about(FileSystemException failure, String words) {
        return failure.getFile() == null ? words : failure.getFile() + ": " + words;
    }

    private static String plain(String message) {
        var call = NATIVE.matcher(message);
        var text = call.matches() ? call.group(1) : message;
        return text.lines().findFirst().orElse(text);
    }

    /** Returns the kind of a failure that says nothing: "buffer overflow" is better than null. */
    private static String name(Throwable failure) {
        var words =
                failure.getClass()
                        .getSimpleName()
                        .replaceFirst("Exception$", "")
                        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                        .toLowerCase(Locale.ROOT);
        return words.isBlank() ? failure.getClass().getName() : words;
    }
}
