/**
 * Draws what a command said as a picture: node dist/cli/main.js demo | node scripts/picture.mjs > docs/demo.svg
 * Text stays text in the picture, so that it can be searched and read aloud.
 */
import { text } from 'node:stream/consumers';

const FONT_PX = 13;
const LINE_PX = 18;
const WIDTH_CH = 118;
const PADDING_PX = 16;

const escape = (line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Columns a line takes: Chinese characters and full-width marks take two. */
const columnsOf = (character) =>
  /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
    ? 2
    : 1;

function wrap(line) {
  const lines = [''];
  let width = 0;
  for (const character of line) {
    const columns = columnsOf(character);
    if (width + columns > WIDTH_CH) {
      lines.push('    ');
      width = 4;
    }
    lines[lines.length - 1] += character;
    width += columns;
  }
  return lines;
}

const said = (await text(process.stdin)).replace(/\u001b\[[0-9;]*m/g, '').trimEnd();
const lines = said.split('\n').flatMap(wrap);
const width = Math.ceil(WIDTH_CH * FONT_PX * 0.6) + 2 * PADDING_PX;
const height = lines.length * LINE_PX + 2 * PADDING_PX;
const body = lines
  .map(
    (line, index) =>
      `<text x="${PADDING_PX}" y="${PADDING_PX + (index + 1) * LINE_PX - 5}" xml:space="preserve">${escape(line)}</text>`,
  )
  .join('\n');
process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What npm run demo prints">
<style>text { font: ${FONT_PX}px 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', 'DejaVu Sans Mono', monospace; fill: #e6e6e6; }</style>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
${body}
</svg>
`);
