"""The paper's tables, numbers and claims beside what the study finds."""

from __future__ import annotations

from ineq.paper.names import ITEMS
from ineq.planning.stage import Output, Stage, columns, document
from ineq.runtime.run import Run

PAPER = tuple(item.id for item in ITEMS)
"""The paper's tables and figures that are made here."""
NUMBERS = (
    columns(
        "source, model, architecture, class, method, attack, setting, measure",
        "any",
        "a number of `table1` to `table8`, `a3`, `a5` or `a6`: what it is of, where it "
        "applies; the architecture by the paper's name; `error_rate_of_successes`: of what "
        "fooled the source",
    ),
    columns("subpixels, count, radius, images", "float", "budget and images, whole numbers; empty where there is none"),
    columns(
        "epsilon, here, sd, low, high, random",
        "float",
        "ε of training; the number, its standard deviation over images, 95 % interval "
        "(bootstrap of a mean, normal of a class's, Wilson of a rate); the random control's "
        "rate",
    ),
    columns(
        "paper, relation, paper_sd, difference, paper_id",
        "any",
        "the paper's number for the same model, measure and budget, `about` or the like, "
        "its deviation, here − paper, its row in `data/paper/numbers.csv`; empty where the "
        "text gives none",
    ),
)

STAGE = Stage(
    name="paper",
    summary="Set the paper's tables, numbers and claims beside what the study finds.",
    folder="paper",
    inputs={
        **{name: f"tables.{name}" for name in ("models", "gini", "controls", "contrasts", "pairs", "robustness")},
        "classes": "sample.classes",
        "transfer": "transfer.transfer",
        "splits": "classes.classes",
        "attacks": "tables.attacks",
        "predictions": "predict.predictions",
        "sensitivity": "sensitivity.sensitivity",
        "checkpoints": "train.checkpoint",
    },
    outputs={
        **{name: Output(f"{name}.csv", *NUMBERS, shown="<table>.csv") for name in PAPER},
        **{
            f"{name}_svg": Output(
                f"{name}.svg",
                document(
                    "SVG",
                    "the same as a figure: a panel a measure and budget, the paper's number and the "
                    "random control's beside it",
                ),
                shown="<table>.svg",
            )
            for name in PAPER
        },
        **{
            f"{name}_png": Output(
                f"{name}.png", document("PNG", "the same, 1600 pixels wide or less"), shown="<table>.png"
            )
            for name in PAPER
        },
        "sensitivity": Output(
            "sensitivity.csv",
            columns(
                "variant, statistic, conclusion",
                "any",
                "choice changed or images chosen otherwise; a column of `sensitivity.csv`; "
                "`higher` or `lower` for the robust model where the interval leaves 0 out, else "
                "`undecided`",
            ),
            columns(
                "standard, robust, difference, low, high",
                "float",
                "both models, robust − standard with its 95 % interval over images",
            ),
            columns("images", "int", "images"),
            columns("changes", "any", "whether the conclusion is another than under the study's own choices"),
        ),
        "claims": Output(
            "claims.csv",
            columns(
                "id, place, item, claim, wording, statistic, rule",
                "any",
                "from `data/paper/claims.csv`: a claim, where it stands and in which words, the "
                "table or figure it is about, what decides it and how",
            ),
            columns(
                "verdict, evidence",
                "any",
                "`supported`, `contradicted`, `undecided` or `not testable here`; the numbers it rests on",
            ),
        ),
        "summary": Output("summary.md", document("text", "claims, tables and analysis variants as Markdown")),
    },
    parameters=(
        *("models", "classes.models", "sensitivity.models", "paper"),
        *("tables.seed", "tables.resamples"),
    ),
    card=("architecture", "train", "pruning"),
    fan_in={"train": "models", "predict": "sensitivity.models"},
    source_files={"numbers": "data/paper/numbers.csv", "listed_claims": "data/paper/claims.csv"},
)


def main(run: Run) -> None:
    """Write a table for each of the paper's, the verdicts on its claims, and both as a page."""
    from ineq.analysis.rows import Bootstrap
    from ineq.figures.dots import dots
    from ineq.figures.save import save
    from ineq.figures.style import use
    from ineq.io.tables import read_table, write_table
    from ineq.paper.agreement import agreement
    from ineq.paper.claims import COLUMNS, verdicts
    from ineq.paper.items import table
    from ineq.paper.names import ITEMS
    from ineq.paper.numbers import read_numbers
    from ineq.paper.read import read_study
    from ineq.paper.sensitivity import variants_table
    from ineq.paper.summary import markdown

    study = read_study(run.inputs, run.cards)
    numbers = read_numbers(run.inputs["numbers"], run["paper.dataset"])
    tables = {item.id: table(item.id, study, numbers) for item in ITEMS}
    bootstrap = Bootstrap(run["tables.seed"], run["tables.resamples"])
    variants = variants_table(study, bootstrap)
    write_table(run.outputs["sensitivity"], variants)
    claims = verdicts(read_table(run.inputs["listed_claims"], "paper", COLUMNS), study, numbers)
    write_table(run.outputs["claims"], claims)
    use()
    for name, place, title in ITEMS:
        write_table(run.outputs[name], tables[name])
        svg, png = run.outputs[f"{name}_svg"], run.outputs[f"{name}_png"]
        save(dots(tables[name]), name, svg, png, f"{place}: {title}", agreement(name, tables[name], claims))
    run.outputs["summary"].write_text(markdown(tables, variants, claims), encoding="utf-8")
