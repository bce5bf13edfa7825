/** How the employee's pages look: one column for a phone, contrasts of at least 4.5 : 1, a focus that can be seen. */
export const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: #1b1f24; font: 17px/1.55 system-ui, "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "Microsoft YaHei", sans-serif; }
header, main, footer { max-width: 36rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding-top: .75rem; padding-bottom: .75rem; }
header p { margin: 0; font-weight: 600; }
main { background: #fff; border-radius: .75rem; padding: 1rem; }
footer { padding-top: 1rem; padding-bottom: 2rem; color: #4a5159; font-size: .9rem; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .25rem 0 .75rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; }
a { color: #0b4fb3; display: inline-block; padding: .4rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #4a5159; padding-bottom: .35rem; }
th, td { padding: .4rem .35rem; border-bottom: 1px solid #d5d9de; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
tbody th { font-weight: inherit; }
label { display: block; font-weight: 600; margin: 1rem 0 .35rem; }
input[type=text] { width: 8rem; font: inherit; font-size: 1.5rem; letter-spacing: .2em; padding: .4rem .6rem; border: 2px solid #5b636d; border-radius: .4rem; }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3rem; margin-top: .75rem; border-radius: .5rem; border: 2px solid #0b4fb3; background: #0b4fb3; color: #fff; cursor: pointer; }
button.second { background: #fff; color: #0b4fb3; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
.notice { border-left: .3rem solid #b45309; background: #fff7e8; padding: .6rem .8rem; margin: 0 0 1rem; }
@media (max-width: 36rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr 1fr; gap: .15rem 1.25rem; padding: .5rem 0; border-bottom: 1px solid #d5d9de; }
  td, tbody th { display: flex; justify-content: space-between; padding: 0; border: 0; white-space: normal; }
  tbody th, td:nth-child(2) { font-weight: 600; }
  td:nth-child(n+3)::before { content: attr(data-label); color: #4a5159; }
}
ol.steps { list-style: none; padding: 0; margin: .5rem 0; }
ol.steps li { padding: .35rem 0 .35rem 1.75rem; position: relative; color: #4a5159; }
ol.steps li::before { content: "○"; position: absolute; left: .25rem; }
ol.steps li.done { color: #1b1f24; }
ol.steps li.done::before { content: "●"; color: #0f6b3c; }
ol.steps li[aria-current] { font-weight: 700; color: #1b1f24; }
`;
