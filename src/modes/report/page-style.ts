// The look of the report's page: one column, light or dark as the reader's system, fit to print.

export const pageStyle = `
:root { --ink: #1d2330; --paper: #fff; --soft: #667085; --line: #d9dee8; --card: #f7f8fb;
  --good: #157f4b; --bad: #b42318; --odd: #a15c07; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --paper: #14171f; --soft: #98a2b3;
  --line: #2e3545; --card: #1b202c; --good: #4cc38a; --bad: #f97066; --odd: #fdb022; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1000px; padding: 24px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 19px; margin: 0; } h3 { margin: 12px 0 4px; }
header p { color: var(--soft); margin: 4px 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px; margin: 20px 0; }
.passed { color: var(--good); } .failed { color: var(--bad); } .unfinished { color: var(--odd); }
.counts span { font-weight: 600; margin-right: 14px; }
h2 span { font-size: 14px; font-weight: 600; margin-left: 8px; }
table { border-collapse: collapse; margin: 10px 0; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; } thead th { color: var(--soft); font-weight: 500; }
tbody th, .figures th { font-weight: 400; width: 240px; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); padding: 10px;
  border-radius: 6px; font-size: 13px; } pre.error { color: var(--bad); white-space: pre-wrap; }
details { margin-top: 8px; } summary { cursor: pointer; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 12px; }
.plot { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
.u-title { font-size: 14px; color: var(--soft); font-weight: 500; }
.u-legend { font-size: 12px; width: auto; margin: 6px auto 0; display: table; }
.u-legend th, .u-legend td { border: 0; width: auto; padding: 0 6px 0 0; font-weight: 400; }
.note { color: var(--soft); font-size: 14px; margin: 4px 0; }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;
