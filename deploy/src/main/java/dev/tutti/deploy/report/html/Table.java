package dev.tutti.deploy.report.html;

import java.util.List;
import java.util.OptionalDouble;

/** A table under construction, cell by cell. */
public final class Table {
    private final Markup rows = new Markup();
    private final Markup caption = new Markup();
    private Markup cells = new Markup();

    /**
     * Starts a table.
     *
     * @param caption what it is of
     */
    public Table(String caption) {
        this.caption.element("caption", caption);
    }

    /** Adds the names of the columns. */
    public void head(List<String> names) {
        var head = new Markup().open("thead").open("tr");
        names.forEach(name -> head.element("th", name, "scope", "col"));
        caption.add(head.close("tr").close("thead"));
    }

    /** Adds the name of a row, as its first cell. */
    public Table name(String text) {
        cells.element("th", text, "scope", "row");
        return this;
    }

    /** Adds a cell of text. */
    public Table text(String text) {
        cells.element("td", text);
        return this;
    }

    /** Adds a cell of code. */
    public Table code(String text) {
        cells.open("td").element("code", text).close("td");
        return this;
    }

    /** Adds a cell of text to the right, as numbers are. */
    public Table figure(String text) {
        cells.element("td", text, "class", "number");
        return this;
    }

    /** Adds a number. */
    public Table number(double value) {
        return figure(Numbers.text(value));
    }

    /** Adds a number, or a dash if there is none. */
    public Table number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : figure("–");
    }

    /** Ends a row. */
    public void endRow() {
        rows.open("tr").add(cells).close("tr");
        cells = new Markup();
    }

    /** Returns the table; a narrow screen moves it sideways. */
    public Markup markup() {
        return new Markup()
                .open("div", "class", "wide")
                .open("table")
                .add(caption)
                .open("tbody")
                .add(rows)
                .close("tbody")
                .close("table")
                .close("div");
    }
}
