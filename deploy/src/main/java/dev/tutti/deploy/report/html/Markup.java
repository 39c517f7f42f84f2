package dev.tutti.deploy.report.html;

/**
 * Text with tags, under construction. It is HTML and well-formed XML at once: each element is
 * closed, and all text and all values of attributes are escaped.
 */
public final class Markup {
    private static final char REPLACEMENT = '\ufffd';

    private final StringBuilder text = new StringBuilder();

    /**
     * Opens an element.
     *
     * @param attributes names and values in turn
     */
    public Markup open(String tag, String... attributes) {
        start(tag, attributes);
        text.append('>');
        return this;
    }

    /** Closes an element. */
    public Markup close(String tag) {
        text.append("</").append(tag).append(">\n");
        return this;
    }

    /** Adds an element without content, such as a line of a drawing. */
    public Markup empty(String tag, String... attributes) {
        start(tag, attributes);
        text.append("/>\n");
        return this;
    }

    /** Adds an element that holds text alone. */
    public Markup element(String tag, String content, String... attributes) {
        start(tag, attributes);
        text.append('>').append(escaped(content));
        return close(tag);
    }

    /** Adds other markup as it is. */
    public Markup add(Markup other) {
        text.append(other.text);
        return this;
    }

    /** Adds a sheet of styles as it is; it holds no character that needs an escape. */
    Markup styles(String sheet) {
        open("style").text.append(sheet);
        return close("style");
    }

    private void start(String tag, String... attributes) {
        text.append('<').append(tag);
        for (var i = 0; i + 1 < attributes.length; i += 2) {
            text.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(attributes[i + 1]))
                    .append('"');
        }
    }

    /** Returns text in which no character means a tag; XML has no way to write some characters. */
    private static String escaped(String raw) {
        var out = new StringBuilder(raw.length());
        raw.codePoints()
                .forEach(point -> {
                    switch (point) {
                        case '&' -> out.append("&amp;");
                        case '<' -> out.append("&lt;");
                        case '>' -> out.append("&gt;");
                        case '"' -> out.append("&quot;");
                        case '\'' -> out.append("&#39;");
                        case '\t', '\n', '\r' -> out.append((char) point);
                        default -> {
                            if (isOfXml(point)) {
                                out.appendCodePoint(point);
                            } else {
                                out.append(REPLACEMENT);
                            }
                        }
                    }
                });
        return out.toString();
    }

    /** Tells whether XML 1.0 allows a character. */
    private static boolean isOfXml(int point) {
        return point >= ' '
                && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                && point != 0xFFFE
                && point != 0xFFFF;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
