const ALPHABET = /^[A-Za-z\d+/]$/;

/** encoding/base64's StdEncoding: line ends are skipped, padding is a must. Throws an Error with Go's message. */
export function decodeBase64(text: string): Buffer {
  const wrong = firstWrongByte(text);
  if (wrong >= 0) throw new Error(`illegal base64 data at input byte ${wrong}`);
  return Buffer.from(text, 'base64');
}

/** -1: none. The offsets are those of Go's decodeQuantum. */
function firstWrongByte(text: string): number {
  let inQuantum = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\n' || character === '\r') continue;
    if (ALPHABET.test(character)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (character !== '=' || inQuantum < 2) return i;
    return afterPadding(text, i + 1, inQuantum);
  }
  return inQuantum === 0 ? -1 : text.length - inQuantum;
}

function afterPadding(text: string, start: number, inQuantum: number): number {
  const skip = (from: number): number => {
    let i = from;
    while (text[i] === '\n' || text[i] === '\r') i++;
    return i;
  };
  let i = skip(start);
  if (inQuantum === 2) {
    if (i >= text.length) return text.length;
    if (text[i] !== '=') return i - 1;
    i = skip(i + 1);
  }
  return i < text.length ? i : -1;
}
