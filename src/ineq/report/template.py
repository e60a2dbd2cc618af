"""The page as Jinja templates. They are Python text, not data files, because the code digest sees what Python sees."""

GALLERY = """
<p>Choose an image by a click, or with Tab and the arrow keys. Of each model: its attribution map, where orange speaks
for the class and purple against it, each map on its own scale; the first {{ gallery.color }} squares, in Algorithm 1's
order, on the map's most important regions that make the model say something else; and the noise on the fewest of the
map's most important values that does. “At random” counts the draws of the same budget at random that do so, too.</p>
<div class="gallery{% if gallery.exact %} exact{% endif %}">
<fieldset class="choose"><legend>Images</legend>
{% for group in gallery.groups %}
<p class="note">{{ group.title }}</p>
<div class="strip">
{% for image in group.images %}
<label class="thumb"><input type="radio" name="image" id="image-{{ image.number }}"
{%- if image.number == 1 %} checked{% endif %}><img src="{{ image.picture }}" alt="{{ image.name }}"></label>
{% endfor %}
</div>
{% endfor %}
</fieldset>
<label class="switch"><input type="checkbox" id="cut"> maps cut at ±3 σ, as such pictures are usually shown</label>
{% for image in gallery.images %}
<article class="shown" id="shown-{{ image.number }}" aria-label="{{ image.name }}">
<div class="about">
<figure><img src="{{ image.picture }}" alt="{{ image.name }}, untouched">
<figcaption>True class {{ image.name }} of the split.</figcaption></figure>
<figure><svg viewBox="-1 -1 102 102" role="img" aria-label="{{ image.curves }}" fill="none" stroke-width="1.4">
<path d="M0 100L100 0" stroke="#777" stroke-dasharray="3 3" stroke-width=".8"/>
{% for model in image.models %}{% if model.lorenz %}<path d="{{ model.lorenz }}" stroke="{{ model.color }}"/>
{% endif %}{% endfor %}
</svg>
<figcaption>Lorenz curves: the share of the whole that the smallest values hold. The further below the diagonal, the
more unequal.</figcaption></figure>
</div>
<div class="models">
{% for model in image.models %}
<section class="model">
<h3><i class="swatch" style="background:{{ model.color }}"></i>{{ model.name }}
<span>Gini {{ model.told }}</span></h3>
{% if model.wrong %}<p class="note">{{ model.wrong }}</p>{% endif %}
<div class="tries">
<figure><img class="whole" src="{{ model.map }}" alt="{{ model.map_alt }}, as it is">
<img class="cut" src="{{ model.cut }}" alt="{{ model.map_alt }}, cut at ±3 σ">
<figcaption>Map</figcaption></figure>
{% for try in model.tries %}
<figure>
{% if try.none %}<div class="none" aria-hidden="true">–</div><figcaption>{{ try.none }}</figcaption>
{% else %}<img src="{{ try.picture }}" alt="{{ try.alt }}">
<figcaption><b>Says “{{ try.prediction }}”</b><br>{{ try.what }}<br>At random: {{ try.random }}</figcaption>
{% endif %}
</figure>
{% endfor %}
</div>
</section>
{% endfor %}
</div>
</article>
{% endfor %}
</div>
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>ineq: {{ study }}</title>
<link rel="icon" href="data:,">
<style>{{ style }}
{% for image in gallery.images %}
.gallery:not(:has(#image-{{ image.number }}:checked)) #shown-{{ image.number }} { display: none }
{% endfor %}
</style>
</head>
<body>
<main>
<h1>How unequal, and how fragile? Study “{{ study }}”</h1>
{% for model, sentences in lead.verdicts %}
<h2 id="verdict-{{ model }}">Verdict on {{ model }}</h2>
<ul>{% for sentence in sentences %}<li>{{ sentence }}</li>
{% endfor %}</ul>
{% endfor %}
{% for sentence in lead.sentences %}<p>{{ sentence }}</p>
{% endfor %}
{% if lead.attacks %}
<div class="table" role="region" tabindex="0" aria-label="Table: guided and random attacks">
<table id="headline">
<thead><tr>{% for name in lead.attacks.header %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in lead.attacks.rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table>
</div>
<p class="note">At the headline budgets: the number of noisy values, or up to (count, radius) of squares. The
difference, in percentage points, is paired by image, with its 95 % interval.</p>
{% endif %}
<h2 id="words">What the words mean</h2>
<dl>{% for word, meaning in lead.glossary %}<dt>{{ word }}</dt><dd>{{ meaning }}</dd>{% endfor %}</dl>
<nav aria-label="Sections">
<a href="#gallery">Gallery</a>
{% for section in sections %}<a href="#{{ section.id }}">{{ section.title }}</a>
{% endfor %}</nav>
<section id="gallery">
<h2>Gallery: image by image</h2>
{% include "gallery" %}
</section>
{% for section in sections %}
<section id="{{ section.id }}">
<h2>{{ section.title }}</h2>
{% for figure in section.figures %}
<figure id="figure-{{ figure.name }}">
<div class="card" role="region" tabindex="0" aria-label="Figure: {{ figure.title }}">{{ figure.svg }}</div>
<figcaption><b>{{ figure.title }}.</b> {{ figure.caption }}</figcaption>
{% if figure.beside %}<p class="note">{{ figure.beside }}</p>{% endif %}
{% if figure.claims %}<ul class="claims">
{% for claim in figure.claims %}<li>The paper, {{ claim.place }}: {{ claim.claim }}
Here <span class="verdict">{{ claim.verdict }}</span>: {{ claim.evidence }}.</li>
{% endfor %}</ul>{% endif %}
</figure>
{% endfor %}
{% for table in section.tables %}
<details id="table-{{ table.name }}"{% if table.open %} open{% endif %}>
<summary><b>{{ table.title }}</b> <span class="note">({{ table.rows | length }} rows)</span></summary>
{% if table.note %}<p class="note">{{ table.note | code }}</p>{% endif %}
{% if table.beside %}<p class="note">{{ table.beside }}</p>{% endif %}
<div class="table" role="region" tabindex="0" aria-label="Table: {{ table.title }}">
<table>
<thead><tr>
{%- for column in table.columns %}<th scope="col" class="{{ column.class }}">{{ column.name }}</th>{% endfor -%}
</tr></thead>
<tbody>
{% for row in table.rows %}<tr>
{%- for cell in row %}<td class="{{ table.columns[loop.index0].class }}">{{ cell | code }}</td>{% endfor -%}
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
