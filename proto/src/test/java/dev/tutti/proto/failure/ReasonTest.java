package dev.tutti.proto.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every failure of the world has a reason in words. */
class ReasonTest {
    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("a/b"), "a/b: there is no such file"),
                Arguments.of(new FileAlreadyExistsException("a"), "a: it is there already"),
                Arguments.of(new AccessDeniedException("a"), "a: there is no permission"),
                Arguments.of(new DirectoryNotEmptyException("a"), "a: the directory is not empty"),
                Arguments.of(new NotDirectoryException("a"), "a: it is no directory"),
                Arguments.of(
                        new FileSystemException("a", null, "No space left on device"),
                        "a: No space left on device"),
                Arguments.of(new FileSystemException("a"), "a: it cannot be used"),
                Arguments.of(new EOFException(), "it ends too early: it is truncated"),
                Arguments.of(new MalformedInputException(1), "it is not text in UTF-8"),
                Arguments.of(new ClosedChannelException(), "it was closed meanwhile"),
                Arguments.of(new AsynchronousCloseException(), "it was closed meanwhile"),
                Arguments.of(
                        new OverlappingFileLockException(), "this process has locked it already"),
                Arguments.of(
                        new UnresolvedAddressException(), "the host's name cannot be resolved"),
                Arguments.of(
                        new UnknownHostException("nowhere"), "the host's name cannot be resolved"),
                Arguments.of(new SocketTimeoutException(), "there was no answer in time"),
                Arguments.of(
                        new IOException(
                                "Failed to bind to address /127.0.0.1:80",
                                new BindException(
                                        "bind(..) failed with error(-13): Permission denied")),
                        "Permission denied"),
                Arguments.of(
                        new IOException(
                                "Failed to bind to address nowhere:4700",
                                new UnresolvedAddressException()),
                        "the host's name cannot be resolved"),
                Arguments.of(new BindException("Address already in use"), "Address already in use"),
                Arguments.of(new ConnectException(), "connect"),
                Arguments.of(new BufferUnderflowException(), "buffer underflow"),
                Arguments.of(new IOException(), "io"),
                Arguments.of(new IOException("two\nlines"), "two"),
                Arguments.of(
                        new CompletionException(
                                new UncheckedIOException(new NoSuchFileException("a"))),
                        "a: there is no such file"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureIsSaidInWords(Throwable failure, String words) {
        assertThat(Reason.of(failure)).isEqualTo(words);
    }

    @Test
    void aFileThatTheLineNamesAlreadyIsNotNamedAgain() {
        var failure = new NoSuchFileException("a/b");
        assertThat(Reason.of(failure, Path.of("a/b"))).isEqualTo("there is no such file");
        assertThat(Reason.of(failure, Path.of("a"))).isEqualTo("a/b: there is no such file");
    }
}
