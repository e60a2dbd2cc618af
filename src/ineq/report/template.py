"""The page as a Jinja template. It is Python text, not a data file, because the code digest sees what Python sees."""

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
td.wrap { white-space: normal; overflow-wrap: anywhere }
details { margin: .9rem 0 } summary { cursor: pointer; padding: .25rem 0 }
.note { color: var(--soft); font-size: .93rem }
@media print { .table { max-height: none } }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>ineq: {{ study }}</title>
<link rel="icon" href="data:,">
<style>{{ style }}</style>
</head>
<body>
<main>
<h1>How unequal, and how fragile? Study “{{ study }}”</h1>
{% for sentence in lead %}<p>{{ sentence }}</p>
{% endfor %}
<nav aria-label="Sections">
{% for section in sections %}<a href="#{{ section.id }}">{{ section.title }}</a>
{% endfor %}</nav>
{% for section in sections %}
<section id="{{ section.id }}">
<h2>{{ section.title }}</h2>
{% for figure in section.figures %}
<figure id="figure-{{ figure.name }}">
<div class="card" role="region" tabindex="0" aria-label="Figure: {{ figure.title }}">{{ figure.svg }}</div>
<figcaption><b>{{ figure.title }}.</b> {{ figure.caption }}</figcaption>
</figure>
{% endfor %}
{% for table in section.tables %}
<details id="table-{{ table.name }}"{% if table.open %} open{% endif %}>
<summary><b>{{ table.title }}</b> <span class="note">({{ table.rows | length }} rows)</span></summary>
{% if table.note %}<p class="note">{{ table.note }}</p>{% endif %}
<div class="table" role="region" tabindex="0" aria-label="Table: {{ table.title }}">
<table>
<thead><tr>
{%- for column in table.columns %}<th scope="col" class="{{ column.class }}">{{ column.name }}</th>{% endfor -%}
</tr></thead>
<tbody>
{% for row in table.rows %}<tr>
{%- for cell in row %}<td class="{{ table.columns[loop.index0].class }}">{{ cell }}</td>{% endfor -%}
</tr>
{% endfor %}</tbody>
</table>
</div>
</details>
{% endfor %}
</section>
{% endfor %}
</main>
</body>
</html>
"""
