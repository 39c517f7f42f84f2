package dev.tutti.worker.data.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Bytes as text. A byte-order mark says in which encoding. Without a mark it is the encoding that
 * the user gives, or UTF-8. Bytes that are no text in that encoding are refused with their line.
 */
public final class DecodedText extends Reader {
    private static final int BYTES = 1 << 16;
    private static final int MARK_BYTES_MAX = 3;

    private final InputStream in;
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).flip();
    private final Optional<Charset> marked;
    private final CharsetDecoder decoder;
    private final CharBuffer pair = CharBuffer.allocate(2).flip();
    private boolean ended;
    private long lineFeeds;
    private long returns;

    private DecodedText(InputStream in, Optional<Charset> given) throws IOException {
        this.in = in;
        while (bytes.remaining() < MARK_BYTES_MAX && !ended) {
            refill();
        }
        this.marked = mark();
        // A new decoder reports what it cannot decode.
        this.decoder = marked.or(() -> given).orElse(StandardCharsets.UTF_8).newDecoder();
    }

    /**
     * Reads the first bytes.
     *
     * @param in closed by {@link #close}
     * @param given the encoding of bytes without a mark; none for UTF-8
     */
    public static DecodedText of(InputStream in, Optional<Charset> given) throws IOException {
        return new DecodedText(in, given);
    }

    /** Returns the encoding that a mark says, other than UTF-8. */
    Optional<Charset> marked() {
        return marked.filter(encoding -> !encoding.equals(StandardCharsets.UTF_8));
    }

    @Override
    public int read(char[] out, int offset, int length) throws IOException {
        var text = CharBuffer.wrap(out, offset, length);
        while (text.position() == offset) {
            if (pair.hasRemaining()) {
                text.put(pair.get());
                break;
            }
            var result = decoder.decode(bytes, text, ended);
            if (text.position() > offset) {
                break;
            }
            if (result.isError()) {
                throw undecodable(result);
            }
            if (result.isOverflow()) {
                decodePair();
            } else if (ended) {
                return -1;
            } else {
                refill();
            }
        }
        var count = text.position() - offset;
        lookAt(out, offset, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Decodes one character that takes two chars, where there is room for one only. */
    private void decodePair() {
        pair.clear();
        decoder.decode(bytes, pair, ended);
        pair.flip();
    }

    private void refill() throws IOException {
        bytes.compact();
        var count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = count < 0;
        bytes.position(bytes.position() + Math.max(0, count)).flip();
    }

    private Optional<Charset> mark() {
        if (isNext(0xEF, 0xBB, 0xBF)) {
            return Optional.of(StandardCharsets.UTF_8);
        }
        if (isNext(0xFF, 0xFE)) {
            return Optional.of(StandardCharsets.UTF_16LE);
        }
        return isNext(0xFE, 0xFF) ? Optional.of(StandardCharsets.UTF_16BE) : Optional.empty();
    }

    /** Tells whether these bytes come next, and passes over them if so. */
    private boolean isNext(int... expected) {
        for (var i = 0; i < expected.length; i++) {
            if (i >= bytes.remaining() || Byte.toUnsignedInt(bytes.get(i)) != expected[i]) {
                return false;
            }
        }
        bytes.position(expected.length);
        return true;
    }

    private void lookAt(char[] text, int offset, int count) throws IOException {
        var zeros = 0;
        for (var i = offset; i < offset + count; i++) {
            // Nearly all characters are above: one comparison is all they take.
            if (text[i] <= '\r') {
                lineFeeds += text[i] == '\n' ? 1 : 0;
                returns += text[i] == '\r' ? 1 : 0;
                zeros += text[i] == 0 ? 1 : 0;
            }
        }
        if (zeros > 0) {
            throw new UndecodableException(
                    "it holds bytes of 0, which no text in %s has; if it is UTF-16 without a byte-order mark, give --encoding utf-16le or utf-16be"
                            .formatted(decoder.charset()));
        }
    }

    private UndecodableException undecodable(CoderResult result) {
        // Lines end with LF, CR or both.
        var line = 1 + Math.max(lineFeeds, returns);
        var damaged = new StringBuilder();
        for (var i = 0; i < Math.min(result.length(), bytes.remaining()); i++) {
            damaged.append(
                    " 0x%02X".formatted(Byte.toUnsignedInt(bytes.get(bytes.position() + i))));
        }
        return new UndecodableException(
                "line %d: found%s, which is no text in %s; give its encoding, such as --encoding latin1 or --encoding windows-1252"
                        .formatted(line, damaged, decoder.charset()));
    }
}
