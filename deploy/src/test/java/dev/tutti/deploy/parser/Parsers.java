package dev.tutti.deploy.parser;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Every parser of what comes from outside: from other processes, from files, from a user. */
final class Parsers {
    private Parsers() {}

    /**
     * Returns all of them.
     *
     * @param folder for the files that some of them read
     */
    static List<ParserUnderTest> in(Path folder) throws IOException {
        return Stream.of(FrameParsers.all(), FileParsers.in(folder), TextParsers.in(folder))
                .flatMap(kind -> kind)
                .toList();
    }
}
