#!/usr/bin/env bash
# Train every model that the study in params.yaml trains, one after another in the order of `train.models`, and commit
# each as it is finished: checkpoint, log and card, under models/TARGET, for a study TARGET that imports them. What is
# committed already is left alone, and a training that was killed goes on after its last epoch: the same command again
# does the rest. Meant for a clone of its own with its own `make env`, so that edits elsewhere do not disturb it:
#   nice -n 19 tools/train_models.sh cifar10-strong
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: tools/train_models.sh TARGET" >&2; exit 2; }
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
target=$1
CODE=(src workflow Snakefile requirements.lock)
git var GIT_COMMITTER_IDENT > /dev/null  # says what is missing now, not after hours
ineq params check
study=$(sed -n 's/^study: *//p' params.yaml)
models=$(python -c 'from ineq.config.loader import load_parameters; print(*load_parameters().train.models)')
for model in $models; do
  # Not whether the file is there: it may be of a run that was killed before it had committed all of it.
  git cat-file -e "HEAD:models/$target/$model.safetensors" 2> /dev/null && continue
  [ -z "$(git status --porcelain -- "${CODE[@]}")" ] || { echo "${CODE[*]}: commit your changes first" >&2; exit 2; }
  # The code that trains, not the commits of models since.
  code=$(git log -1 --format=%h -- "${CODE[@]}")
  snakemake --cores 1 "results/$study/models/$model/checkpoint.safetensors"
  ineq study ship "$model" --to "$target" --new \
    --made "trained by study $study at commit $code on the training images of $(sed -n 's/^  path: *//p' params.yaml)"
  git add "models/$target/$model".*
  git commit --quiet --message "models: $model of $target, trained by study $study" -- "models/$target/$model".*
  echo "committed models/$target/$model"
done
