"""How the page looks. It is Python text, not a data file, because the code digest sees what Python sees."""

STYLE = """
:root {
  color-scheme: light dark;
  --text: #1b1b1b; --soft: #5a5a5a; --page: #fbfbfa; --card: #ffffff; --line: #d9d9d6; --link: #005a8c
}
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e6; --soft: #a8a8a4; --page: #161719; --card: #1f2124; --line: #3a3d42; --link: #7cc0f0 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1rem 0 .3rem } h2 { margin: 2.6rem 0 .6rem; font-size: 1.3rem }
p, li, figcaption { max-width: 46rem } a { color: var(--link) } code { overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; border-block: 1px solid var(--line); padding: .5rem 0 }
figure { margin: 1.2rem 0 2rem }
/* Figures are drawn on white: in the dark they get a white card, not other colours. */
.card { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: .7rem; overflow-x: auto }
.card svg { display: block; max-width: 100%; height: auto; margin: 0 auto }
/* On a narrow screen smaller, but not illegible: the card scrolls. */
@media (max-width: 40rem) { .card svg { max-width: none; zoom: .7 } }
figcaption { color: var(--soft); margin-top: .5rem; font-size: .93rem } figcaption b { color: var(--text) }
.table { overflow: auto; max-height: 34rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card) }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; min-width: 100% }
th, td { padding: .3rem .7rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line) }
th { position: sticky; top: 0; background: var(--card) } .number { text-align: right }
#headline th { white-space: normal } #headline th, #headline td { padding-inline: .5rem }
td.wrap { white-space: normal; overflow-wrap: break-word; min-width: 16rem }
details { margin: .9rem 0 } summary { cursor: pointer; padding: .25rem 0 }
.note { color: var(--soft); font-size: .93rem }
.claims { padding-left: 1.2rem; font-size: .93rem } .claims li { margin: .2rem 0 } .verdict { font-weight: 600 }
dl { max-width: 46rem } dt { font-weight: 600 } dd { margin: 0 0 .4rem }
@media print { .table { max-height: none } nav { display: none } }
"""

GALLERY = """
.choose { border: 0; margin: 0; padding: 0; min-width: 0 } .choose p { margin: .8rem 0 .3rem }
.strip { display: flex; flex-wrap: wrap; gap: .4rem }
.thumb { position: relative; display: block; border: 3px solid var(--line); border-radius: 6px; cursor: pointer }
.thumb img { display: block; width: 3.2rem; height: 3.2rem; object-fit: contain }
.thumb input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer }
.thumb:has(:checked) { border-color: var(--link); box-shadow: 0 0 0 2px var(--link) }
.thumb:has(:focus-visible), .switch:has(:focus-visible) { outline: 3px solid var(--text); outline-offset: 2px }
.switch { display: inline-flex; gap: .5rem; align-items: center; margin: 1rem 0; padding: .2rem .4rem; cursor: pointer }
.switch input { width: 1.1rem; height: 1.1rem }
.gallery img { background: #fff } .exact img { image-rendering: pixelated }
.about { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: start }
.about figure, .tries figure { margin: 0 } .about img, .about svg { display: block; width: 11rem; height: 11rem }
.about img { object-fit: contain } .about svg { background: #fff; border: 1px solid var(--line) }
.about figcaption { max-width: 15rem }
.models { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem }
.model { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .7rem }
.models { margin: 1rem 0 } .model { break-inside: avoid }
.model h3 { margin: 0 0 .5rem; font-size: 1rem; overflow-wrap: anywhere } .model h3 span { font-weight: 400 }
.swatch { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border: 1px solid var(--soft) }
.tries { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem }
.tries img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain }
.tries figcaption b { color: var(--text) }
.tries figcaption { font-size: .8rem; line-height: 1.35; margin-top: .25rem }
.none { display: grid; place-items: center; aspect-ratio: 1; border: 1px dashed var(--line); color: var(--soft) }
.gallery .cut { display: none } .gallery:has(#cut:checked) .cut { display: block }
.gallery:has(#cut:checked) .whole { display: none }
@media print { .choose, .switch { display: none } }
"""
