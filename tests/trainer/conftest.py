"""Small models, made once for the session."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.material import make_run, sft_rows, small_sft
from training_bridge.trainer.__main__ import main

os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # models of a few thousand weights: threads would only wait for each other
CHAT = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a tiny model trained long enough to write readable reasonings now and then."""
    folder = tmp_path_factory.mktemp("trained") / "sft"
    recipe = small_sft(epochs=14, learning_rate=0.01, save_steps=1000)
    made = make_run(folder, "sft", recipe, sft=sft_rows(128))
    assert main(["run", str(made)]) == 0
    return made


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two causal LMs of other architectures with tokenizers of their own; the Llama's has a chat template."""
    folder = tmp_path_factory.mktemp("strangers")
    texts = [row["prompt"] + row["completion"] for row in sft_rows(40)]
    return {"llama": _llama(folder / "llama", texts), "gpt2": _gpt2(folder / "gpt2", texts)}


def _llama(folder: Path, texts: list[str]) -> Path:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    plain = Tokenizer(models.BPE(unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Metaspace()
    plain.decoder = decoders.Metaspace()
    special = ["<unk>", "<s>", "<|end|>", "<|user|>", "<|assistant|>"]
    alphabet = sorted({char for text in texts for char in text})
    plain.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=500, special_tokens=special, initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="<unk>", bos_token="<s>", eos_token="<|end|>", pad_token="<|end|>"
    )
    tokenizer.chat_template = CHAT
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return _saved(folder, LlamaForCausalLM(config), tokenizer)


def _gpt2(folder: Path, texts: list[str]) -> Path:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    plain = ByteLevelBPETokenizer()
    plain.train_from_iterator(texts, vocab_size=500, special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain._tokenizer, eos_token="<|endoftext|>")
    end = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=32,
        n_layer=1,
        n_head=2,
        n_positions=512,
        bos_token_id=end,
        eos_token_id=end,
    )
    return _saved(folder, GPT2LMHeadModel(config), tokenizer)


def _saved(folder: Path, model: Any, tokenizer: Any) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
