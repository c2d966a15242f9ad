/** The only style sheet; the system's own fonts, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --text: #1b1f24; --soft: #57606a; --line: #d3d9e0; --edge: #868f99; --hover: #eef4ff;
  --accent: #0b5cd5; --on-accent: #fff; --field: #fff; --code: #f4f5f7;
  --good: #116329; --good-ground: #dff5e3; --warn: #6b4a00; --warn-ground: #fff1cf; --bad: #a1121f; --bad-ground: #fde7e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #181c22; --text: #e8ebef; --soft: #a3adb8; --line: #323b46; --edge: #75818e; --hover: #1e2a3d;
    --accent: #7db2ff; --on-accent: #0b1524; --field: #101419; --code: #101419;
    --good: #7ee2a0; --good-ground: #12301c; --warn: #f3dfa6; --warn-ground: #33290f; --bad: #ffaba3; --bad-ground: #3d1618;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1:focus-visible, h2:focus-visible { outline: none; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; inset-block-start: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
.top { background: var(--card); border-bottom: 1px solid var(--line); }
.top > div { max-width: 56rem; margin: 0 auto; padding: .5rem 1rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; }
.top nav { display: flex; gap: .25rem; }
.top nav a { padding: .375rem .75rem; border-radius: 8px; text-decoration: none; color: var(--text); }
.top nav a:hover { background: var(--hover); }
.top nav a[aria-current] { font-weight: 600; box-shadow: inset 0 -2px var(--accent); border-radius: 8px 8px 0 0; }
.who { margin-inline-start: auto; display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .875rem; align-items: center; }
.who a { padding: .375rem 0; }
main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 0; font-size: 1.125rem; line-height: 1.35; }
h3 { margin: 1rem 0 .5rem; font-size: 1rem; }
.cards h3 { margin: 0 0 .125rem; }
.cards p { margin-bottom: .375rem; }
p { margin: 0 0 .75rem; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.cards { list-style: none; margin: 1.25rem 0; padding: 0; display: grid; gap: .75rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.125rem; }
section.card { margin: 1rem 0; }
.card > :last-child { margin-bottom: 0; }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
.row > .grow { flex: 1 1 16rem; min-width: 0; }
.row p { margin: .125rem 0 0; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.actions form { display: contents; }
.actions p { margin: 0; }
.badges { display: flex; flex-wrap: wrap; gap: .375rem; margin: .375rem 0 0; }
.badge { display: inline-flex; gap: .375em; padding: .0625rem .5rem; border-radius: 99px; font-size: .8125rem; border: 1px solid var(--edge); }
.good { background: var(--good-ground); color: var(--good); border-color: transparent; }
.warn { background: var(--warn-ground); color: var(--warn); border-color: transparent; }
.bad { background: var(--bad-ground); color: var(--bad); border-color: transparent; }
.note { border-radius: 10px; padding: .75rem 1rem; margin: 0 0 1rem; border: 1px solid transparent; }
.note p { margin: .25rem 0 0; }
.note h2 { font-size: 1rem; }
button, .button {
  font: inherit; color: inherit; cursor: pointer; border-radius: 8px; border: 1px solid var(--edge); background: transparent; padding: .5rem 1rem;
  min-height: 2.75rem; display: inline-flex; align-items: center; text-decoration: none;
}
button:hover, .button:hover { background: var(--hover); border-color: var(--accent); }
.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.main:hover { background: var(--accent); filter: brightness(1.1); }
button[aria-disabled=true], button:disabled { opacity: .6; cursor: progress; }
.field { margin: 0 0 1.125rem; border: 0; padding: 0; min-width: 0; }
.field label, .field legend { font-weight: 600; padding: 0; }
.field > label { display: block; margin-bottom: .25rem; }
.field .hint { color: var(--soft); font-size: .875rem; margin: .125rem 0 .375rem; }
.field .fault { color: var(--bad); font-size: .875rem; margin: .375rem 0 0; font-weight: 600; }
.check { display: flex; gap: .5rem; align-items: center; min-height: 2rem; font-weight: 400; }
.field .check label { font-weight: 400; }
input:not([type=checkbox]), select, textarea {
  font: inherit; color: inherit; width: 100%; background: var(--field); border: 1px solid var(--edge); border-radius: 8px; padding: .5rem .75rem; min-height: 2.75rem;
}
input[type=checkbox] { width: 1.125rem; height: 1.125rem; accent-color: var(--accent); }
textarea { min-height: 4.5rem; resize: vertical; field-sizing: content; max-height: 24rem; }
textarea.code, pre, code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .875rem; }
[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; margin: 0 0 .75rem; white-space: pre-wrap; max-height: 30rem; overflow: auto; }
.wide { overflow-x: auto; margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: 8px; max-height: 30rem; }
table { border-collapse: collapse; font-size: .875rem; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .375rem .75rem; border-bottom: 1px solid var(--line); min-width: 5rem; max-width: 30rem; }
tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; inset-block-start: 0; background: var(--code); }
img.result { max-width: 100%; height: auto; display: block; border-radius: 8px; margin: 0 0 .75rem; background: #fff; }
dt { font-weight: 600; }
dd { margin: 0 0 .75rem; }
summary { cursor: pointer; padding: .375rem 0; }
.result-body { margin-top: .75rem; }
.description { white-space: pre-line; }
.clamp { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.talk { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .75rem; }
.turn { border-radius: 12px; padding: .75rem 1rem; border: 1px solid var(--line); background: var(--card); min-width: 0; }
.turn.user { background: var(--hover); margin-inline-start: 15%; border-color: transparent; }
.turn > h3 { margin: 0 0 .25rem; font-size: .8125rem; color: var(--soft); font-weight: 600; }
.turn.user > h3 { color: var(--text); }
.said { white-space: pre-wrap; }
.turn ul, .turn ol { margin: 0 0 .75rem; padding-inline-start: 1.5rem; }
.turn > :last-child { margin-bottom: 0; }
.composer { position: sticky; inset-block-end: 0; background: var(--ground); padding: .75rem 0; }
.composer textarea { min-height: 3.25rem; max-height: 30vh; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  main { padding: 1rem .75rem 3rem; } .card { padding: .875rem; } .who { margin-inline-start: 0; } .turn.user { margin-inline-start: 5%; }
  .top > div { padding: .5rem .75rem; }
}
@media (prefers-reduced-motion: no-preference) { .working::before { animation: pulse 1.2s ease-in-out infinite; } @keyframes pulse { 50% { opacity: .25; } } }
.working::before { content: "●"; color: var(--accent); margin-inline-end: .5rem; }
`;
