"""Writes a tiny tokenizer.json and what the library of Hugging Face makes of some hundred texts.

    python bench/tokenizer.py src/policy/test/resources

The test of the robot's tokenizer compares itself with these ids.
"""

import json
import pathlib
import random
import sys

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

VERBS = ["pick up", "put", "insert", "push", "stack", "open", "Close", "take", "TURN", "wipe"]
THINGS = ["the red peg", "a blue cube", "Tasse", "die grüne Schüssel", "朝食", "l'éponge", "slot #3", "🍎"]
PLACES = ["into the slot", "on the left", "onto 2 plates", "au-dessus", "  near   it", "(gently!)", "-> bin_7", ""]


def texts(count: int) -> list[str]:
    """The same texts at each call, with cases, accents, other scripts and gaps."""
    draw = random.Random(1)
    made = [" ".join(draw.choice(words) for words in (VERBS, THINGS, PLACES)) for _ in range(count)]
    made += [" lead", "tail ", "tab\there", "a" * 40, "é", "e\u0301", "ﬁ", "<s> not special </s>", "\u200b", "１２３"]
    return made


def main() -> None:
    """Trains, saves, and tells the ids."""
    folder = pathlib.Path(sys.argv[1])
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts(200), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer.enable_padding(length=5)  # what the file says of padding must not count
    tokenizer.enable_truncation(max_length=3)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    told = [
        {
            "text": text,
            "ids": tokenizer.encode(text).ids,
            "bare": tokenizer.encode(text, add_special_tokens=False).ids,
        }
        for text in texts(300)
    ]
    (folder / "tokenizer-texts.json").write_text(json.dumps(told, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
