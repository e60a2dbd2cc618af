#!/usr/bin/env bash
# Train every model that the study in params.yaml trains, one after another in the order of `train.models`, and commit
# each as it is finished: checkpoint, log and card, under models/TARGET, for a study TARGET that imports them. What is
# there already is left alone, and a training that was killed goes on after its last epoch: the same command again does
# the rest. Meant for a clone of its own, so that edits elsewhere do not disturb it:
#   nice -n 19 tools/train_models.sh cifar10-strong
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: tools/train_models.sh TARGET" >&2; exit 2; }
target=$1
study=$(sed -n 's/^study: *//p' params.yaml)
models=$(python -c 'from ineq.config.loader import load_parameters; print(*load_parameters().train.models)')
for model in $models; do
  [ -e "models/$target/$model.safetensors" ] && continue
  snakemake --cores 1 "results/$study/models/$model/checkpoint.safetensors"
  # The code that trained, not the commits of models since.
  code=$(git log -1 --format=%h -- src workflow requirements.lock)
  ineq study ship "$model" --to "$target" --new \
    --made "trained by study $study at commit $code on the training images of $(sed -n 's/^  path: *//p' params.yaml)"
  git add "models/$target/$model".*
  git commit --quiet --message "models: $model of $target, trained by study $study" -- "models/$target"
  echo "committed models/$target/$model"
done
