package dev.tutti.deploy.simulate;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Speed-up and efficiency over the number of workers, as an SVG of its own: no script, readable in
 * light and dark, with the numbers in its description.
 *
 * @param title what was simulated
 * @param predictions in the order of workers, the first one of one worker
 */
public record SpeedUpFigure(String title, List<Prediction> predictions) {
    private static final double LEFT = 60;
    private static final double RIGHT = 420;
    private static final double TOP = 50;
    private static final double BOTTOM = 330;
    private static final double GAP = 500;

    /** Copies the list. */
    public SpeedUpFigure {
        predictions = List.copyOf(predictions);
    }

    /** Returns the drawing. */
    public String svg() {
        var one = predictions.getFirst();
        var most = predictions.getLast().workers();
        var out = new StringBuilder();
        line(
                out,
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 400" role="img" aria-labelledby="title numbers" font-family="sans-serif" font-size="12">
                <style>text{fill:#222}.axis{stroke:#222}.grid{stroke:#ccc}.ideal{stroke:#777;stroke-dasharray:4 4;fill:none}.curve{stroke:#0072b2;stroke-width:2;fill:none}.dot{fill:#0072b2}
                @media(prefers-color-scheme:dark){svg{background:#111}text{fill:#eee}.axis{stroke:#eee}.grid{stroke:#444}.ideal{stroke:#aaa}.curve{stroke:#56b4e9}.dot{fill:#56b4e9}}</style>\
                """);
        line(out, "<title id=\"title\">%s</title>".formatted(escaped(title)));
        line(out, "<desc id=\"numbers\">%s</desc>".formatted(numbers(one)));
        line(
                out,
                "<text x=\"8\" y=\"20\" font-weight=\"bold\">%s</text>".formatted(escaped(title)));
        axes(out, 0, "speed-up (dashed: as many times as workers)", most);
        axes(out, GAP, "efficiency", most);
        for (var power = 1; power <= most; power *= 4) {
            tick(out, 0, high(Math.log(power), Math.log(most)), Integer.toString(power));
        }
        for (var quarter = 0; quarter <= 4; quarter++) {
            tick(out, GAP, high(quarter, 4), quarter * 25 + " %");
        }
        line(
                out,
                "<line class=\"ideal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                        .formatted(LEFT, BOTTOM, RIGHT, TOP));
        curve(out, 0, most, at -> high(Math.log(Math.max(1, at.speedUp(one))), Math.log(most)));
        curve(out, GAP, most, at -> high(Math.min(1, at.efficiency(one)), 1));
        return out.append("</svg>\n").toString();
    }

    private String numbers(Prediction one) {
        var text = new StringBuilder();
        for (var at : predictions) {
            text.append(
                    "%d workers: speed-up %.2f, efficiency %.0f %%. "
                            .formatted(at.workers(), at.speedUp(one), 100 * at.efficiency(one)));
        }
        return text.toString().trim();
    }

    private void axes(StringBuilder out, double from, String name, int most) {
        line(
                out,
                "<path class=\"axis\" fill=\"none\" d=\"M%.1f %.1fV%.1fH%.1f\"/>"
                        .formatted(from + LEFT, TOP, BOTTOM, from + RIGHT));
        line(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>".formatted(from + LEFT, TOP - 10, name));
        for (var workers = 1; workers <= most; workers *= 4) {
            line(
                    out,
                    "<text text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">%d</text>"
                            .formatted(from + across(workers, most), BOTTOM + 18, workers));
        }
        line(
                out,
                "<text text-anchor=\"middle\" x=\"%.1f\" y=\"%.1f\">workers</text>"
                        .formatted(from + (LEFT + RIGHT) / 2, BOTTOM + 38));
    }

    private static void tick(StringBuilder out, double from, double y, String text) {
        line(
                out,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/><text text-anchor=\"end\" x=\"%.1f\" y=\"%.1f\">%s</text>"
                        .formatted(from + LEFT, y, from + RIGHT, y, from + LEFT - 6, y + 4, text));
    }

    private void curve(StringBuilder out, double from, int most, ToDoubleFunction<Prediction> y) {
        out.append("<polyline class=\"curve\" points=\"");
        for (var at : predictions) {
            out.append(
                    "%.1f,%.1f ".formatted(from + across(at.workers(), most), y.applyAsDouble(at)));
        }
        out.append("\"/>\n");
        for (var at : predictions) {
            line(
                    out,
                    "<circle class=\"dot\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"/>"
                            .formatted(from + across(at.workers(), most), y.applyAsDouble(at)));
        }
    }

    private static double across(int workers, int most) {
        return most == 1 ? LEFT : LEFT + (RIGHT - LEFT) * Math.log(workers) / Math.log(most);
    }

    private static double high(double value, double most) {
        return most == 0 ? BOTTOM : BOTTOM - (BOTTOM - TOP) * value / most;
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
