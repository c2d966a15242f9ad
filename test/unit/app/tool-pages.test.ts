import { describe, expect, test } from 'vitest';
import { startRig, toolPath } from './rig.ts';
import { PIXEL } from './tools.ts';

describe('calling a tool', () => {
  test('sends what the form says, in the types that the schema wants', async () => {
    const { post, gateway, calls } = await startRig();
    const fields = new URLSearchParams([
      ['a.item', 'tea'],
      ['a.count', '2'],
      ['a.size', '3'],
      ['a.gift', 'true'],
      ['a.price', '1.5'],
      ['a.colours', '"red"'],
      ['a.colours', '"blue"'],
      ['a.tags', 'one\r\ntwo\r\n'],
      ['a.amounts', '1\n-2'],
      ['a.address', '{"city": "Bonn"}'],
      ['a.note', ''],
      ['a.voucher', ''],
    ]);
    const { status, text } = await post(toolPath(gateway, 'tools', 'place_order'), fields);
    expect(status).toBe(200);
    expect(text).toContain('✓ Answer');
    const plain = { item: 'tea', count: 2, size: 3, gift: true, price: 1.5 };
    const lists = { colours: ['red', 'blue'], tags: ['one', 'two'], amounts: [1, -2] };
    expect(calls()).toEqual([{ ...plain, ...lists, address: { city: 'Bonn' } }]);
  });

  test('keeps what was written and says what is wrong, without calling', async () => {
    const { post, gateway, calls } = await startRig();
    const path = toolPath(gateway, 'tools', 'place_order');
    const { status, text, html } = await post(path, {
      'a.item': 'x',
      'a.count': '99',
      'a.size': '"huge"',
      'a.address': '{city',
      'a.tags': 'kept',
    });
    expect(status).toBe(422);
    expect(text).toContain('Not called: 4 arguments are not right');
    expect(text).toContain('item: At least 2 characters.');
    expect(text).toContain('count: At most 10.');
    expect(text).toContain('size: Choose one of the list.');
    expect(text).toMatch(/address: This is no JSON/);
    expect(html).toMatch(/<textarea[^>]*name="a\.tags"[^>]*>\nkept</);
    expect(html.match(/aria-invalid="true"/g)).toHaveLength(4);
    expect(calls()).toEqual([]);
  });

  test('takes all arguments as JSON too', async () => {
    const { post, gateway } = await startRig();
    const path = toolPath(gateway, 'tools', 'place_order');
    expect((await post(path, { json: '{"anything": [1]}' })).text).toMatch(/"anything": \[ 1 \]/);
    expect((await post(path, { json: '[1]' })).text).toContain('have to be a JSON object');
  });

  test('works with servers of both eras', async () => {
    const { post, gateway } = await startRig();
    const modern = await post(toolPath(gateway, 'whoami', 'whoami'), {});
    expect(modern.text).toMatch(/Name Max Member Email member@example\.com/);
    const rows = await post(toolPath(gateway, 'shop', 'read_query'), { 'a.query': 'select * from books' });
    expect(rows.text).toContain('Ada');
  });

  test('uses the token of the request, so one that has ended does not matter on the next', async () => {
    const { get, gateway } = await startRig();
    expect((await get(toolPath(gateway, 'tools', 'rows'))).status).toBe(200);
    gateway.endTokens();
    expect((await get(toolPath(gateway, 'tools', 'rows'))).text).toContain('takes no arguments');
  });
});

describe('an answer', () => {
  test('of structured data is a table, said once', async () => {
    const { post, gateway } = await startRig();
    const { html } = await post(toolPath(gateway, 'tools', 'rows'), {});
    expect(html.match(/<table>/g)).toHaveLength(1);
    expect(html).toContain('<th scope="col">name</th>');
    expect(html).toContain('2 rows');
  });

  test('of a picture shows it', async () => {
    const { post, gateway } = await startRig();
    const { html } = await post(toolPath(gateway, 'tools', 'picture'), {});
    expect(html).toContain(`<img class="result" src="data:image/png;base64,${PIXEL}"`);
  });

  test('of links leads to the web, and to nothing else', async () => {
    const { post, gateway } = await startRig();
    const { html } = await post(toolPath(gateway, 'tools', 'links'), {});
    expect(html).toContain('<a href="https://example.com/report" target="_blank" rel="noopener noreferrer">report</a>');
    expect(html).not.toContain('href="javascript:');
    expect(html).toContain('Read &lt;me&gt;');
  });

  test('tells the tool’s own error from the server’s and from the policy’s', async () => {
    const { post, get, gateway } = await startRig();
    expect((await post(toolPath(gateway, 'tools', 'fail'), {})).text).toMatch(
      /The tool reports an error .* out of paper/,
    );
    expect((await post(toolPath(gateway, 'tools', 'break'), {})).text).toMatch(
      /The server answered with an error .*it broke/,
    );
    const denied = await get(toolPath(gateway, 'secret', 'any'));
    expect(denied.text).toMatch(/The gateway’s policy refuses this.*under request [0-9a-f-]{36}/);
  });

  test('says how long it took', async () => {
    const { post, gateway } = await startRig();
    expect((await post(toolPath(gateway, 'tools', 'rows'), {})).text).toMatch(/✓ Answer \d+(\.\d)? m?s/);
  });
});

test('a hostile tool is text in its own form as well', async () => {
  const { get, gateway } = await startRig();
  const { html, text } = await get(toolPath(gateway, 'tools', '<img src=x onerror=alert(1)>'));
  expect(text).toContain('<b>bold</b>');
  expect(html).toContain('name="a.&quot;&gt;&lt;script&gt;"');
  expect(html).not.toMatch(/<img|<script>|<b>bold/);
});

test('a tool that is gone is no page', async () => {
  const { get, gateway } = await startRig();
  expect((await get(toolPath(gateway, 'tools', 'gone'))).status).toBe(404);
});
