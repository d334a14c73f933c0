package dev.reverie.report;

/** Puts HTML together: one file a page, no scripts, nothing from elsewhere, one style for all. */
public final class Page {
  private static final String STYLE =
      """
      body{font:15px/1.45 system-ui,sans-serif;margin:1.5em clamp(1em,3vw,4em) 3em;color:#222}
      h1{font-size:1.5em;margin:0 0 .4em}h2{font-size:1.15em;margin:2em 0 .8em;border-bottom:1px solid #ddd}
      p{max-width:75em}.scroll{overflow-x:auto}.quiet,.unit,td small{color:#666}code{overflow-wrap:anywhere}
      table{border-collapse:collapse}td,th{padding:.2em .9em .2em 0;text-align:left;vertical-align:top}
      tr:nth-child(even){background:#f7f7f7}.clear{font-weight:600}
      td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
      .all{font-size:13px}.all td{white-space:nowrap}.all th+th{text-align:right}.all th:last-child{text-align:left}
      .blue{stroke:#2563a8;fill:#2563a8;color:#2563a8}.gold{stroke:#b08a12;fill:#b08a12;color:#b08a12}
      .grey{stroke:#777;fill:#777;color:#777}.green{stroke:#2a8a57;fill:#2a8a57;color:#2a8a57}
      .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,var(--least,300px)),1fr));gap:14px 28px}
      svg{width:100%;height:auto;max-width:var(--most,360px)}
      svg text{font:12px system-ui,sans-serif;fill:#444;stroke:none}svg .title{font-weight:600;fill:#222}
      .axis{stroke:#999;fill:none}.grid{stroke:#e4e4e4}.curve{stroke:#2563a8;stroke-width:1.5;fill:none}
      .interval{stroke-width:3;opacity:.45}
      .figures{display:flex;flex-wrap:wrap;gap:.6em 3.5em;align-items:center}
      .figures b{display:block;font-size:3.2em;line-height:1.1;font-weight:650;font-variant-numeric:tabular-nums}
      .arrow{font-size:2em;color:#888}.figures svg{flex:1 1 380px;max-width:620px}
      .films{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:22px 34px}
      .strips{display:grid;grid-template-columns:repeat(auto-fit,minmax(90px,1fr));gap:10px}
      figure{margin:0}figcaption{font-size:12px;color:#555}
      .film{image-rendering:pixelated;outline:1px solid #ccc;animation:film 3s infinite}
      .pixels{image-rendering:pixelated;width:100%;display:block}
      .rows{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:4px}
      @keyframes film{from{background-position-x:0%}to{background-position-x:100%}}
      @media(prefers-reduced-motion:reduce){.film{animation-play-state:paused}}
      """;

  private Page() {}

  /** A whole page. */
  public static String html(String title, CharSequence body) {
    return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
        + "<meta name=\"viewport\" content=\"width=device-width\"><title>"
        + escape(title)
        + "</title><style>"
        + STYLE
        + "</style>"
        + body
        + "</html>\n";
  }

  /** Text as it stands in HTML, between tags or in an attribute. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** The beginning of a hash, enough to tell policies apart. */
  public static String shortId(String id) {
    return id.substring(0, Math.min(12, id.length()));
  }
}
