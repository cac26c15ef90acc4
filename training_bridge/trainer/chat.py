"""A prompt and a completion as a model's tokenizer wants them: plain text, or turns of its chat template."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def is_chat(tokenizer: "PreTrainedTokenizerBase") -> bool:
    return bool(getattr(tokenizer, "chat_template", None))


def as_prompt(tokenizer: "PreTrainedTokenizerBase", prompt: str) -> Any:
    """For a row of TRL's: the text, or one user turn."""
    return [{"role": "user", "content": prompt}] if is_chat(tokenizer) else prompt


def as_completion(tokenizer: "PreTrainedTokenizerBase", completion: str) -> Any:
    """For a row of TRL's: the text, or one assistant turn without the white space that joins plain text."""
    return [{"role": "assistant", "content": completion.strip()}] if is_chat(tokenizer) else completion


def as_text(tokenizer: "PreTrainedTokenizerBase", prompt: str) -> str:
    """What a model reads when it is asked: the prompt, or the template up to where its answer begins."""
    if not is_chat(tokenizer):
        return prompt
    turns = [{"role": "user", "content": prompt}]
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def opening(tokenizer: "PreTrainedTokenizerBase") -> str:
    """What stands between a prompt and a verdict that is its direct answer."""
    return "" if is_chat(tokenizer) else " "


def completion_text(completion: Any) -> str:
    """The text of a completion as TRL hands it to a reward: a string, or a list of turns."""
    if isinstance(completion, str):
        return completion
    return "".join(str(turn.get("content") or "") for turn in completion)
