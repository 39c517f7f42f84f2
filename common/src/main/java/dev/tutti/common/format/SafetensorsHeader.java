package dev.tutti.common.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tutti.common.vector.Floats;
import dev.tutti.common.vector.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The checked header of a safetensors file: every entry is whole, and the entries' bytes fill the
 * rest of the file without gap or overlap.
 *
 * @param dataOffset where the tensors' bytes begin
 * @param entries in the order of their bytes
 */
record SafetensorsHeader(long dataOffset, List<Entry> entries, Map<String, String> metadata) {
    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

    /** One tensor's place: from {@code begin} to {@code end} after {@code dataOffset}. */
    record Entry(String name, ElementType type, Shape shape, long begin, long end) {}

    static SafetensorsHeader read(MemorySegment bytes) {
        var text = text(bytes);
        if (!(JsonReader.read(text) instanceof Json.Members(var members))) {
            throw new FormatException("the header must be a JSON object");
        }
        var entries = new ArrayList<Entry>();
        Map<String, String> metadata = Map.of();
        for (var member : members.entrySet()) {
            if (member.getKey().equals(Safetensors.METADATA)) {
                metadata = metadata(member.getValue());
            } else {
                entries.add(entry(member.getKey(), member.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        var dataOffset = Safetensors.LENGTH_BYTES + Safetensors.headerLength(bytes);
        requireTiling(entries, bytes.byteSize() - dataOffset);
        return new SafetensorsHeader(dataOffset, List.copyOf(entries), metadata);
    }

    /** Copies the tensors out of the file. */
    Safetensors load(MemorySegment bytes) {
        var arena = Arena.ofAuto();
        var tensors = new ArrayList<Safetensors.Tensor>();
        for (var entry : entries) {
            var values = Floats.allocate(arena, entry.shape().size());
            var from = bytes.asSlice(dataOffset + entry.begin(), entry.end() - entry.begin());
            entry.type().toFloats(from, values);
            tensors.add(new Safetensors.Tensor(entry.name(), entry.shape(), values));
        }
        return new Safetensors(tensors, metadata);
    }

    private static String text(MemorySegment bytes) {
        if (bytes.byteSize() < Safetensors.LENGTH_BYTES) {
            throw new FormatException(
                    "found %d bytes, expected at least the %d of the header's length"
                            .formatted(bytes.byteSize(), Safetensors.LENGTH_BYTES));
        }
        var length = Safetensors.headerLength(bytes);
        if (length < 0 || length > Safetensors.HEADER_BYTES_MAX) {
            throw new FormatException(
                    "found a header of %s bytes, expected at most %d; is this a safetensors file?"
                            .formatted(
                                    Long.toUnsignedString(length), Safetensors.HEADER_BYTES_MAX));
        }
        if (length > bytes.byteSize() - Safetensors.LENGTH_BYTES) {
            throw new FormatException(
                    "the header ends after %d of its %d bytes; the file is cut off"
                            .formatted(bytes.byteSize() - Safetensors.LENGTH_BYTES, length));
        }
        var header = bytes.asSlice(Safetensors.LENGTH_BYTES, length).toArray(JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
        } catch (CharacterCodingException _) {
            throw new FormatException("the header must be UTF-8 text");
        }
    }

    private static Map<String, String> metadata(Json value) {
        var out = new LinkedHashMap<String, String>();
        for (var member : members("the metadata", value).entrySet()) {
            if (!(member.getValue() instanceof Json.Text(var text))) {
                throw new FormatException(
                        "metadata \"%s\" must be a text, found %s"
                                .formatted(member.getKey(), member.getValue().noun()));
            }
            out.put(member.getKey(), text);
        }
        return out;
    }

    private static Entry entry(String name, Json value) {
        var who = "tensor \"%s\"".formatted(name);
        var fields = members(who, value);
        if (!fields.keySet().equals(FIELDS)) {
            throw new FormatException(
                    "%s must have dtype, shape and data_offsets, found %s"
                            .formatted(who, fields.keySet()));
        }
        var type = type(name, field(fields, "dtype"));
        var extents = wholes(who, "shape", field(fields, "shape"));
        var offsets = wholes(who, "data_offsets", field(fields, "data_offsets"));
        if (offsets.size() != 2) {
            throw new FormatException(
                    "%s must have two data_offsets, found %s".formatted(who, offsets));
        }
        var begin = offsets.getFirst();
        var end = offsets.getLast();
        var needed = byteSize(who, type, extents);
        if (begin > end || end - begin != needed) {
            throw new FormatException(
                    "%s of type %s and shape %s takes %d bytes, found data_offsets %s"
                            .formatted(who, type, extents, needed, offsets));
        }
        return new Entry(name, type, shape(extents), begin, end);
    }

    private static Json field(Map<String, Json> fields, String name) {
        var found = fields.get(name);
        if (found == null) {
            throw new IllegalStateException("the names were checked before");
        }
        return found;
    }

    private static ElementType type(String name, Json value) {
        for (var type : ElementType.values()) {
            if (value instanceof Json.Text(var found)
                    && found.equals(type.name())
                    && (type != ElementType.I64 || StateDict.isStepCount(name))) {
                return type;
            }
        }
        throw new FormatException(
                "tensor \"%s\" must be of dtype F32, F64, F16 or BF16, found %s"
                        .formatted(name, value.noun()));
    }

    private static List<Long> wholes(String who, String field, Json value) {
        if (!(value instanceof Json.Items(var items))) {
            throw new FormatException(
                    "%s: %s must be a list, found %s".formatted(who, field, value.noun()));
        }
        var out = new ArrayList<Long>();
        for (var item : items) {
            out.add(whole(who, field, item));
        }
        return List.copyOf(out);
    }

    private static long whole(String who, String field, Json value) {
        if (value instanceof Json.Numeral(var digits)) {
            try {
                var number = Long.parseLong(digits);
                if (number >= 0) {
                    return number;
                }
            } catch (NumberFormatException _) {
                // A fraction, an exponent, or too large: refused below.
            }
        }
        throw new FormatException(
                "%s: %s must hold whole numbers from 0 on, found %s"
                        .formatted(who, field, value.noun()));
    }

    private static long byteSize(String who, ElementType type, List<Long> extents) {
        var count = 1L;
        for (var extent : extents) {
            if (extent < 1 || extent > Integer.MAX_VALUE / count) {
                throw new FormatException(
                        "%s: extents must be from 1 on and their product at most %d, found %s"
                                .formatted(who, Integer.MAX_VALUE, extents));
            }
            count *= extent;
        }
        return count * type.bytes();
    }

    private static Shape shape(List<Long> extents) {
        return new Shape(extents.stream().map(Math::toIntExact).toList());
    }

    private static Map<String, Json> members(String who, Json value) {
        if (value instanceof Json.Members(var members)) {
            return members;
        }
        throw new FormatException("%s must be an object, found %s".formatted(who, value.noun()));
    }

    private static void requireTiling(List<Entry> entries, long dataBytes) {
        var covered = 0L;
        for (var entry : entries) {
            if (entry.begin() != covered) {
                throw new FormatException(
                        "tensor \"%s\" begins at byte %d of the data, expected %d: %s"
                                .formatted(
                                        entry.name(),
                                        entry.begin(),
                                        covered,
                                        entry.begin() < covered ? "an overlap" : "a gap"));
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new FormatException(
                    "found %d bytes of data, expected %d".formatted(dataBytes, covered));
        }
    }
}
