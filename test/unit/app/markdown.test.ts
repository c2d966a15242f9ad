import { expect, test } from 'vitest';
import { markdown } from '../../../src/app/pages/markdown.ts';

test.each([
  ['plain\ntext', '<p class="said">plain\ntext</p>'],
  ['# Head\nText', '<p><b>Head</b></p><p class="said">Text</p>'],
  ['- one\n- **two**', '<ul><li>one</li><li><b>two</b></li></ul>'],
  ['1. one\n2) two', '<ol><li>one</li><li>two</li></ol>'],
  ['`a < b`', '<p class="said"><code>a &lt; b</code></p>'],
  ['```js\nif (a < b) {}\n```\nthen', '<pre tabindex="0">if (a &lt; b) {}</pre><p class="said">then</p>'],
  ['```\nnot ended', '<pre tabindex="0">not ended</pre>'],
  ['<script>alert(1)</script>', '<p class="said">&lt;script&gt;alert(1)&lt;/script&gt;</p>'],
  ['a * b * c_d_e', '<p class="said">a * b * c_d_e</p>'],
])('%j', (text, html) => {
  expect(markdown(text).text).toBe(html);
});

test('tables have heads and rows', () => {
  const { text } = markdown('| a | b |\n|---|---|\n| 1 | 2 |\n\nend');
  expect(text).toContain('<th scope="col">a</th><th scope="col">b</th>');
  expect(text).toContain('<tr><td>1</td><td>2</td></tr>');
  expect(text).toContain('<p class="said">end</p>');
});

test('links lead to the web, name their host, and load nothing', () => {
  expect(markdown('[docs](https://example.com/a)').text).toContain(
    '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer">docs</a> (example.com)',
  );
  expect(markdown('[x](javascript:alert(1))').text).not.toContain('<a');
  expect(markdown('![x](https://evil.example/?q=secret)').text).not.toMatch(/<a|<img/);
  expect(markdown('[x](https://a.example/"onclick="alert)').text).not.toContain('"onclick="');
});
