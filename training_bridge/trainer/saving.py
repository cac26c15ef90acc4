"""What every training method shares: the arguments on this machine, and how a result is saved."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training_bridge.trainer.rundir import RunConfig, RunDir

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FACTS = "lore.json"


def shared_arguments(run: RunDir, config: RunConfig, options: Any) -> dict[str, Any]:
    """Arguments of every TRL config here: float32 without gradient checkpointing on a CPU, no outside reporting."""
    import torch

    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(run.checkpoints), "seed": config.seed, "data_seed": config.seed,
        "learning_rate": options.learning_rate, "max_steps": options.max_steps or -1,
        "save_steps": options.save_steps, "save_total_limit": 2, "save_strategy": "steps", "logging_steps": 10,
        "logging_first_step": True, "report_to": "none", "disable_tqdm": True, "bf16": on_gpu, "use_cpu": not on_gpu,
        "activation_checkpointing": False, "dataloader_pin_memory": on_gpu, "max_grad_norm": 1.0,
        "lr_scheduler_type": "linear",
    }  # fmt: skip


def save_result(
    run: RunDir,
    config: RunConfig,
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: dict[str, int],
) -> None:
    """Write model/ whole or not at all: weights as safetensors, tokenizer, card, and the facts a server needs."""
    fresh = run.path / ".model"
    if fresh.exists():
        shutil.rmtree(fresh)
    model.save_pretrained(fresh, safe_serialization=True)
    tokenizer.save_pretrained(fresh)
    facts = {
        "template_version": config.template_version, "verdict_position": config.verdict_position,
        "method": config.method, "base_model": Path(config.base_model).name, "seed": config.seed,
        "lineage": config.lineage, "rows": rows, "parameters": sum(p.numel() for p in model.parameters()),
    }  # fmt: skip
    (fresh / FACTS).write_text(json.dumps(facts, indent=1, ensure_ascii=False), "utf-8")
    (fresh / "README.md").write_text(_card(facts, config), "utf-8")
    if run.model.exists():
        shutil.rmtree(run.model)
    fresh.rename(run.model)
    shutil.rmtree(run.checkpoints, ignore_errors=True)


def read_facts(model: str) -> dict[str, Any]:
    """The facts beside a model's weights; {} for a model from elsewhere."""
    path = Path(model) / FACTS
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _card(facts: dict[str, Any], config: RunConfig) -> str:
    lineage = "\n".join(f"- {name}: {value}" for name, value in config.lineage.items()) or "- none given"
    rows = "\n".join(f"- {name}: {count}" for name, count in facts["rows"].items())
    options = "\n".join(f"- {name}: {value}" for name, value in vars(config.options()).items())
    return f"""---
library_name: transformers
pipeline_tag: text-generation
tags: [relevance, {facts["method"]}]
---
# Search relevance model

Grades a query-item pair L1 to L4 with the dimension that mismatches. {facts["parameters"]:,} parameters; trained by
{facts["method"].upper()} from `{facts["base_model"]}`, seed {facts["seed"]}.

A prompt is the pair's body (template {facts["template_version"]}) with a cue: `Answer ->` asks for the verdict alone,
`Reasoning:` or `Verdict and reasoning:` for five steps with the verdict {facts["verdict_position"]}.

## Rows
{rows}

## Options
{options}

## Lineage
{lineage}

Figures stand in the evaluation reports of the workbench, not here: they belong to a snapshot and a split.
"""
