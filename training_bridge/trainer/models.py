"""Models by name: 'tiny' from scratch, or any Hugging Face causal LM by path or id."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training_bridge.trainer.options import TinyOptions
from training_bridge.trainer.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TINY = "tiny"
THREADS = 2


def set_up_torch(threads: int = THREADS) -> None:
    """CPU threads for this process (OMP_NUM_THREADS overrides); quiet tokenizers. Call once, before the first model."""
    import os

    import torch

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    quiet()
    if not torch.cuda.is_available():
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or threads))


def quiet() -> None:
    """No progress bars: a run's log is read in a file, its progress in status.json."""
    from datasets.utils.logging import disable_progress_bar as quiet_datasets
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    quiet_datasets()


def device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def make_tiny(
    texts: Iterable[str], options: TinyOptions, seed: int
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """A small Qwen3 with fresh weights and a tokenizer of the texts. The same for the same texts, options and seed."""
    from transformers import Qwen3Config, Qwen3ForCausalLM, set_seed

    tokenizer = train_tokenizer(texts, options.vocabulary, options.context)
    set_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=options.hidden,
        intermediate_size=3 * options.hidden,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=max(1, options.heads // 2),
        head_dim=options.hidden // options.heads,
        max_position_embeddings=options.context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen3ForCausalLM(config), tokenizer


def load(name: str) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """A model and its tokenizer from a folder or the hub: safetensors only, no code from the repository.

    Raises OSError or ValueError with the library's own message where there is none.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    offline: dict[str, Any] = {"local_files_only": True} if Path(name).is_dir() else {}
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False, **offline)
    model = AutoModelForCausalLM.from_pretrained(
        name, trust_remote_code=False, use_safetensors=True, dtype="auto", **offline
    )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return model.to(device()), tokenizer  # type: ignore[arg-type]
