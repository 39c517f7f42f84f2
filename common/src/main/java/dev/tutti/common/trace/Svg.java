package dev.tutti.common.trace;

import java.util.Locale;

/** A drawing under construction: the few shapes that a trace needs, as SVG elements. */
final class Svg {
    /** A rectangle on the page, in pixels. */
    record Box(double x, double y, double width, double height) {
        double right() {
            return x + width;
        }

        double middle() {
            return y + height / 2;
        }
    }

    private final StringBuilder body = new StringBuilder();

    /** Draws a rectangle with round corners. */
    void box(Box box, String style) {
        body.append(
                """
                <rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="5"/>
                """
                        .formatted(
                                style,
                                pixels(box.x()),
                                pixels(box.y()),
                                pixels(box.width()),
                                pixels(box.height())));
    }

    /** Writes a line of text that starts, ends or is centred at (x, y), as its style says. */
    void text(String text, double x, double y, String style) {
        body.append(
                """
                <text class="%s" x="%s" y="%s">%s</text>
                """
                        .formatted(style, pixels(x), pixels(y), escaped(text)));
    }

    /** Draws a line that leaves and arrives horizontally. */
    void curve(double x1, double y1, double x2, double y2, double thickness, String style) {
        var bend = 0.4 * (x2 - x1);
        body.append(
                """
                <path class="%s" stroke-width="%s" d="M%s %s C%s %s %s %s %s %s"/>
                """
                        .formatted(
                                style,
                                pixels(thickness),
                                pixels(x1),
                                pixels(y1),
                                pixels(x1 + bend),
                                pixels(y1),
                                pixels(x2 - bend),
                                pixels(y2),
                                pixels(x2),
                                pixels(y2)));
    }

    /** Starts a group of shapes that shows {@code tip} under the pointer. */
    void open(String tip) {
        body.append("<g><title>%s</title>\n".formatted(escaped(tip)));
    }

    /** Ends the group. */
    void close() {
        body.append("</g>\n");
    }

    /** Returns the page. */
    String page(double width, double height, String title, String styles) {
        return """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$s %2$s" width="%1$s" \
        height="%2$s" role="img">
        <title>%3$s</title>
        <style>
        %4$s</style>
        <rect class="page" width="%1$s" height="%2$s"/>
        %5$s</svg>
        """
                .formatted(pixels(width), pixels(height), escaped(title), styles, body);
    }

    private static String pixels(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
