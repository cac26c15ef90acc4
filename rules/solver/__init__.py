"""Static analysis beyond the corpus, by the SMT solver z3: can two rules both fire, and can a step be reached?

Pure: knows no database and no web. A condition is translated so that whatever the evaluator makes true, the solver can
make true as well; "impossible" is therefore a proof (numbers finite, texts of the plane that z3 knows). "Possible" is only
a candidate: a witness counts once our own evaluator agrees, else the question is *not decided*.
"""

from rules.solver.analysis import PairAnswer, StepAnswer, Study, study_pairs, study_steps
from rules.solver.search import Decided

__all__ = ["Decided", "PairAnswer", "StepAnswer", "Study", "study_pairs", "study_steps"]
