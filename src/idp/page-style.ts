import { createHash } from 'node:crypto';

/** The only style sheet; the system's own colours and fonts, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --text: #1b1f24; --soft: #57606a; --line: #c9d1d9; --edge: #868f99; --hover: #eef4ff; --accent: #0b5cd5;
  --notice: #fff4d6; --notice-text: #5c4300;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --card: #181c22; --text: #e8ebef; --soft: #a3adb8; --line: #3a434e; --edge: #75818e; --hover: #1e2a3d; --accent: #7db2ff;
    --notice: #33290f; --notice-text: #f3dfa6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 6vh 1rem 2rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main { max-width: 30rem; margin: 0 auto; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.soft, .users small { color: var(--soft); }
.users { list-style: none; margin: 1.25rem 0; padding: 0; display: grid; gap: .625rem; }
button { font: inherit; color: inherit; cursor: pointer; border-radius: 8px; border: 1px solid var(--edge); background: transparent; padding: .5rem 1rem; }
button:hover { background: var(--hover); border-color: var(--accent); }
.users button { display: block; width: 100%; padding: .75rem 1rem; text-align: start; }
.users button > * { display: block; }
.users strong { font-size: 1.0625rem; }
.actions { display: flex; flex-wrap: wrap; gap: .625rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.notice { margin: 1.5rem 0 0; padding: .625rem .875rem; border-radius: 8px; background: var(--notice); color: var(--notice-text); font-size: .875rem; }
code { font-size: .875em; }
@media (max-width: 30rem) { body { padding: 1rem .75rem; } main { padding: 1.25rem 1rem; } }
`;

/** Its digest, by which the content security policy knows it. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
