/** Whether nothing that comes from outside can become part of a page. */
import { html, textOf } from './html.js';

describe('a page', () => {
  it('shows every value as text, in texts and in attributes', () => {
    const value = `<script>"'&</script>`;
    expect(textOf(html`<p title="${value}">${value}</p>`)).toBe(
      '<p title="&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;">&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;</p>',
    );
  });

  it('takes in pieces of pages as they are, once', () => {
    const rows = ['a', '<b>'].map((each) => html`<li>${each}</li>`);
    expect(
      textOf(
        html`<ul id="${1}">
          ${rows}
        </ul>`,
      ).replaceAll(/\s/g, ''),
    ).toBe('<ulid="1"><li>a</li><li>&lt;b&gt;</li></ul>');
  });
});
