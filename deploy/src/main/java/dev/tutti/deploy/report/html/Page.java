package dev.tutti.deploy.report.html;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * One HTML file that stands alone. Its content security policy allows its own sheet of styles and
 * nothing else: no script, no image, no connection.
 */
public final class Page {
    /** Okabe and Ito's colours, which colour-blind readers can tell apart. */
    private static final String STYLES =
            """
            :root { --page: #fff; --ink: #1a1a1a; --faint: #666; --rule: #ccc; --shade: #f3f3f3;
              --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7;
              --c4: #e69f00; --c5: #56b4e9; --c6: #000; --c7: #b3a400; color-scheme: light dark; }
            @media (prefers-color-scheme: dark) {
              :root { --page: #16181b; --ink: #ececec; --faint: #a5a5a5; --rule: #444; --shade: #23262b;
                --c0: #4ba3dc; --c1: #ff8838; --c2: #1fc79a; --c3: #e39cc3;
                --c4: #f0b429; --c5: #8fd0f7; --c6: #fff; --c7: #f0e442; } }
            @media print { :root { --page: #fff; --ink: #000; --shade: #fff; }
              figure, table { break-inside: avoid; } }
            body { margin: 2rem auto; padding: 0 1rem; max-width: 78rem; background: var(--page);
              color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            h1 { font-size: 1.7rem; } h2 { margin-top: 2.5rem; font-size: 1.3rem; }
            table { border-collapse: collapse; margin: 0.7rem 0; font-size: 0.9rem; }
            caption { text-align: left; color: var(--faint); padding-bottom: 0.3rem; }
            th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--rule); text-align: left;
              vertical-align: top; }
            td.number { text-align: right; font-variant-numeric: tabular-nums; }
            .wide { overflow-x: auto; }
            code { font: 0.85rem ui-monospace, monospace; overflow-wrap: anywhere; }
            pre { background: var(--shade); padding: 0.6rem; white-space: pre-wrap; }
            .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem; }
            figure { margin: 0; } summary { color: var(--faint); cursor: pointer; }
            figure table { font-size: 0.8rem; }
            svg { width: 100%; height: auto; background: var(--page); }
            svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
            svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
            svg .heading { font-size: 14px; font-weight: 600; }
            .grid { stroke: var(--rule); stroke-width: 1; } .axis { stroke: var(--ink); stroke-width: 1; }
            .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .band { opacity: 0.15; }
            .point { stroke: none; }
            .d1 { stroke-dasharray: 7 3; } .d2 { stroke-dasharray: 2 3; } .d3 { stroke-dasharray: 9 3 2 3; }
            """;

    private static final int COLOURS = 8;

    private Page() {}

    /** Returns the whole file. */
    public static String of(String title, Markup body) {
        var sheet = new StringBuilder(STYLES);
        for (var i = 0; i < COLOURS; i++) {
            sheet.append(
                    ".curve.c%1$d { stroke: var(--c%1$d); } .fill.c%1$d { fill: var(--c%1$d); }\n"
                            .formatted(i));
        }
        var styles = sheet.toString();
        var page =
                new Markup()
                        .open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml")
                        .open("head")
                        .empty("meta", "charset", "utf-8")
                        .empty(
                                "meta",
                                "http-equiv",
                                "Content-Security-Policy",
                                "content",
                                "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'"
                                        .formatted(digest(styles)))
                        .empty(
                                "meta",
                                "name",
                                "viewport",
                                "content",
                                "width=device-width, initial-scale=1")
                        .element("title", title)
                        .styles(styles)
                        .close("head")
                        .open("body")
                        .open("main")
                        .element("h1", title)
                        .add(body)
                        .close("main")
                        .close("body")
                        .close("html");
        return "<!DOCTYPE html>\n" + page;
    }

    private static String digest(String text) {
        try {
            var bytes =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
