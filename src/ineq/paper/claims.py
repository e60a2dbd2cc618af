"""The paper's claims, and the verdict of a study on each.

`data/paper/claims.csv` lists them with their wording; a claim's `statistic` names a function here. A study compares
checkpoints: where a family has one training seed, so does the verdict. "undecided" is what could be tested, but moves
less than its interval over images; "not testable here" is what the study has no models, images or attacks for.
"""

from __future__ import annotations

import pandas as pd

from ineq.analysis.study_results import StudyResults
from ineq.errors import refuse_unknown
from ineq.paper import claims_attacks as attacks
from ineq.paper import claims_gini as gini
from ineq.paper.numbers import Numbers
from ineq.paper.verdict import NOTHING

COLUMNS = ("id", "place", "item", "claim", "wording", "statistic", "rule")
STATISTICS: dict[str, gini.Statistic] = {
    "gini_rises": gini.rises,
    "gini_robust_above_standard": gini.robust_above_standard("gini_global"),
    "regional_gini_robust_above_standard": gini.robust_above_standard("gini_regional"),
    "gini_standard_near_paper": gini.near_paper(lambda study: study.standard),
    "gini_robust_near_paper": gini.near_paper(lambda study: study.robust),
    "few_pixels_dominate": gini.few_pixels,
    "l2_not_unequal": gini.not_unequal(lambda study: study.l2),
    "pruned_not_unequal": gini.not_unequal(lambda study: study.pruned),
    "cutout_releases": gini.cutout_releases,
    "methods_agree": gini.methods_agree,
    "smoothgrad_highest": gini.smoothgrad_highest,
    "classes_agree": gini.classes_agree,
    "random_noise": attacks.random_noise,
    "additive_noise": attacks.noise("additive"),
    "replacing_noise": attacks.noise("replace"),
    "large_replacing_noise": attacks.large_replacing_noise,
    "black_occlusion": attacks.occlusion("black"),
    "gray_occlusion": attacks.occlusion("gray"),
    "white_occlusion": attacks.occlusion("white"),
    "l2_occlusion": attacks.l2_occlusion,
    "gain_matters": attacks.gain_matters,
    "transfer_low": attacks.transfer_low,
    "transfer_easier_from_standard": attacks.transfer_easier,
    "not_testable": lambda _, __: NOTHING,
}


def verdicts(claims: pd.DataFrame, study: StudyResults, numbers: Numbers) -> pd.DataFrame:
    """The claims with `verdict` and `evidence`. Raises `InputError` for a statistic that there is not."""
    verdicts = []
    for name in claims["statistic"]:
        refuse_unknown("statistic", name, STATISTICS)
        # Every claim is on what adversarial training changes: without two models of the series there is nothing to see.
        verdicts.append(STATISTICS[name](study, numbers) if len(study.main) > 1 else NOTHING)
    return claims.assign(verdict=[one.verdict for one in verdicts], evidence=[one.evidence for one in verdicts])
