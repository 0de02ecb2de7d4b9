namespace SerPipeline.Reports;

/// <summary>The report's style sheet. It must hold no character that XML escapes, because browsers read a style element's text as it stands.</summary>
internal static class HtmlReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --text: #1c2024; --soft: #5b636d; --page: #ffffff; --card: #f5f6f8; --line: #d9dde2; --accent: #2563c9;
          --warn-text: #6b3a00; --warn-page: #fff3d6; --warn-line: #e0a030; --good-text: #14502b; --good-page: #e4f5ea; --good-line: #4ca36c;
          --bad-text: #7a1414; --bad-page: #fde6e4; --bad-line: #d04a3c; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e6e8eb; --soft: #a2abb5; --page: #14171a; --card: #1e2226; --line: #363c43; --accent: #6ea2f5;
            --warn-text: #ffdd9c; --warn-page: #3a2b0c; --warn-line: #b98522; --good-text: #b4e6c6; --good-page: #14301f; --good-line: #3c8657;
            --bad-text: #ffc4bd; --bad-page: #3f1715; --bad-line: #c9534a; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 68rem; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
        h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
        p { margin: .4rem 0; } .soft { color: var(--soft); }
        .notice { margin: .75rem 0; padding: .75rem 1rem; border: 0 solid var(--line); border-left-width: 5px; border-radius: 4px; background: var(--card); }
        .notice strong { display: block; }
        .warning { color: var(--warn-text); background: var(--warn-page); border-color: var(--warn-line); }
        .good { color: var(--good-text); background: var(--good-page); border-color: var(--good-line); }
        .bad { color: var(--bad-text); background: var(--bad-page); border-color: var(--bad-line); }
        .notice table { font-size: .8125rem; } .notice ul { font-size: .875rem; max-height: 14rem; overflow-y: auto; } .notice .scroll { margin: .5rem 0 0; } .notice caption, .notice thead th { color: inherit; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: .75rem; margin: 1rem 0; }
        .tile { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
        .tile .name { color: var(--soft); font-size: .875rem; } .tile .value { font-size: 1.6rem; font-weight: 650; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .tile .note { color: var(--soft); font-size: .8125rem; }
        .scroll { overflow-x: auto; margin: 1rem 0; }
        table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
        th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; vertical-align: top; }
        th:first-child { text-align: left; padding-left: 0; } tbody th { font-weight: 500; } thead th { color: var(--soft); font-weight: 600; }
        td.text { text-align: left; white-space: normal; overflow-wrap: break-word; min-width: 12rem; max-width: 40rem; }
        .textual td, .textual th { text-align: left; white-space: normal; overflow-wrap: anywhere; } .textual th { white-space: nowrap; }
        tfoot th, tfoot td { font-weight: 600; border-bottom: 0; } tfoot tr:first-child th, tfoot tr:first-child td { border-top: 2px solid var(--line); }
        details { margin: 1rem 0; } summary { cursor: pointer; color: var(--soft); } ul { margin: .4rem 0; padding-left: 1.25rem; } li { margin: .25rem 0; }
        .heat td { text-align: center; min-width: 4.5rem; border: 1px solid var(--page); padding: .35rem .5rem; }
        .heat td.cell { background: color-mix(in srgb, var(--accent) calc(var(--share) * 65%), var(--card)); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        .heat td.cell small { display: block; font-size: .75rem; opacity: .85; } .heat td.hit { font-weight: 700; } .heat thead th { text-align: center; }
        figure { margin: 1.25rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: #ffffff; color: #1c2024; break-inside: avoid; }
        figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
        figcaption { margin-top: .6rem; color: #4a525b; font-size: .9rem; overflow-wrap: anywhere; } figcaption strong { color: #1c2024; }
        figure.follow, figure.clip { background: var(--page); color: var(--text); }
        .follow figcaption, .clip figcaption { color: var(--soft); } .follow figcaption strong { color: var(--text); }
        .figures, .clips { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; margin: 1.25rem 0; }
        .figures figure, .clips figure { margin: 0; min-width: 0; } .clip p { margin: 0 0 .25rem; } .clip svg { border-radius: 4px; margin: .25rem auto; }
        .clip audio { display: block; width: 100%; margin-top: .5rem; }
        code { font: .875em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        pre { padding: .75rem 1rem; border-radius: 6px; background: var(--card); white-space: pre-wrap; overflow-wrap: anywhere; }
        @media screen and (max-width: 40rem) { figure.follow { overflow-x: auto; padding: .5rem; } figure.follow svg { max-width: none; } .clip { padding: .5rem; } }
        @page { margin: 15mm; }
        @media print {
          :root { --text: #000000; --soft: #444444; --page: #ffffff; --card: #f5f6f8; --line: #bbbbbb; --accent: #2563c9; --warn-text: #000000; --warn-page: #fff3d6; --warn-line: #b07000;
            --good-text: #000000; --good-page: #ffffff; --good-line: #4ca36c; --bad-text: #000000; --bad-page: #fde6e4; --bad-line: #b02a1c; color-scheme: light; }
          body { max-width: none; padding: 0; font-size: 10pt; } table { font-size: 8.5pt; } th, td { padding: .2rem .5rem; } .scroll { overflow: visible; }
          .notice, .tile, tr, figure, .clip { break-inside: avoid; } h2, h3, caption, thead { break-after: avoid; } thead { display: table-header-group; } tfoot { display: table-row-group; }
          figure { padding: .5rem; } figure svg { max-height: 235mm; } .figures { grid-template-columns: 1fr; } .clips { grid-template-columns: 1fr 1fr; gap: .5rem; }
          .notice ul { max-height: none; overflow: visible; } .notice { border-width: 1px 1px 1px 5px; print-color-adjust: exact; -webkit-print-color-adjust: exact; } .clip audio, details { display: none; }
          td.text { min-width: 6rem; } .textual td { overflow-wrap: anywhere; } .heat td { min-width: 0; padding: .2rem .3rem; } a { color: inherit; }
        }
        """;
}
