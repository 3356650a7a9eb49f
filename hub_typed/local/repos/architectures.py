"""What the class of a model in ``config.json`` says: its task, and the classes of transformers that load it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from hub_typed_api.models import TransformersInfo

__all__ = ["class_task", "transformers_info"]

_TOKENIZER = "AutoTokenizer"
_PROCESSOR = "AutoProcessor"
_IMAGES = "AutoImageProcessor"
_SPEECH = r"(AST|Data2VecAudio|Hubert|MCTCT|SEW|UniSpeech|Wav2Vec2|WavLM|Whisper)\w*"
_IMAGE_TEXT = (
    r"(Blip|Florence|Gemma3|GotOcr2|Idefics|InstructBlip|Kosmos2|Llava|Mllama|PaliGemma|Pix2Struct|Qwen2_5_VL|Qwen2VL"
    r"|SmolVLM)\w*ForConditionalGeneration|VisionEncoderDecoderModel"
)


class _Row(NamedTuple):
    """One kind of class: a pattern of its name, and what it means."""

    pattern: str
    auto_model: str | None
    task: str | None
    processor: str


_ROWS = (
    _Row(r"\w*ForMaskedLM", "AutoModelForMaskedLM", "fill-mask", _TOKENIZER),
    _Row(r"\w*(ForCausalLM|LMHeadModel)", "AutoModelForCausalLM", "text-generation", _TOKENIZER),
    _Row(
        rf"{_SPEECH}ForSequenceClassification|\w*ForAudioClassification",
        *("AutoModelForAudioClassification", "audio-classification", _PROCESSOR),
    ),
    _Row(r"\w*ForSequenceClassification", "AutoModelForSequenceClassification", "text-classification", _TOKENIZER),
    _Row(r"\w*ForTokenClassification", "AutoModelForTokenClassification", "token-classification", _TOKENIZER),
    _Row(
        r"Tapas\w*ForQuestionAnswering",
        *("AutoModelForTableQuestionAnswering", "table-question-answering", _TOKENIZER),
    ),
    _Row(
        r"LayoutLM\w*ForQuestionAnswering",
        *("AutoModelForDocumentQuestionAnswering", "document-question-answering", _PROCESSOR),
    ),
    _Row(r"\w*ForVisualQuestionAnswering", None, None, _PROCESSOR),
    _Row(r"\w*ForQuestionAnswering", "AutoModelForQuestionAnswering", "question-answering", _TOKENIZER),
    _Row(r"\w*ForMultipleChoice", "AutoModelForMultipleChoice", "multiple-choice", _TOKENIZER),
    _Row(
        r"(Speech2Text|Whisper)\w*ForConditionalGeneration|SpeechT5ForSpeechToText|SpeechEncoderDecoderModel",
        *("AutoModelForSpeechSeq2Seq", "automatic-speech-recognition", _PROCESSOR),
    ),
    _Row(_IMAGE_TEXT, "AutoModelForImageTextToText", "image-text-to-text", _PROCESSOR),
    _Row(r"\w*ForConditionalGeneration", "AutoModelForSeq2SeqLM", "text2text-generation", _TOKENIZER),
    _Row(r"\w*ForCTC", "AutoModelForCTC", "automatic-speech-recognition", _PROCESSOR),
    _Row(r"\w*ForTextToSpeech|(Bark|Vits)Model", "AutoModelForTextToWaveform", "text-to-speech", _PROCESSOR),
    _Row(r"\w*ForImageClassification", "AutoModelForImageClassification", "image-classification", _IMAGES),
    _Row(r"\w*ForVideoClassification", "AutoModelForVideoClassification", "video-classification", _IMAGES),
    _Row(
        r"(Grounding|Owlv2|OwlViT|OmDet)\w*ForObjectDetection",
        *("AutoModelForZeroShotObjectDetection", "zero-shot-object-detection", _PROCESSOR),
    ),
    _Row(r"\w*ForObjectDetection", "AutoModelForObjectDetection", "object-detection", _IMAGES),
    _Row(
        r"\w*(ForSegmentation|ForSemanticSegmentation|ForInstanceSegmentation|ForUniversalSegmentation)",
        *("AutoModelForImageSegmentation", "image-segmentation", _IMAGES),
    ),
    _Row(r"\w*ForDepthEstimation", "AutoModelForDepthEstimation", "depth-estimation", _IMAGES),
    _Row(
        r"(AltCLIP|CLIP|ChineseCLIP|Siglip|Siglip2)Model",
        *("AutoModelForZeroShotImageClassification", "zero-shot-image-classification", _PROCESSOR),
    ),
    _Row(r"(Beit|ConvNext|DINOv2|Dinov2|Swin|ViT)\w*Model", "AutoModel", "image-feature-extraction", _IMAGES),
    _Row(rf"{_SPEECH}Model", "AutoModel", "feature-extraction", _PROCESSOR),
    _Row(r"\w*Model", "AutoModel", "feature-extraction", _TOKENIZER),
)
"""The first pattern that matches the whole name applies."""


def class_task(config: Mapping[str, Any]) -> str | None:
    """Return the task of the first class in the configuration that has one."""
    return next((row.task for _, row in _classes(config) if row.task), None)


def transformers_info(config: Mapping[str, Any]) -> TransformersInfo | None:
    """Return how transformers loads a model; ``None`` if the configuration names no known class."""
    for name, row in _classes(config):
        classes = config.get("auto_map")
        auto_model = row.auto_model or name
        custom = cast("dict[str, str]", classes).get(auto_model) if isinstance(classes, dict) else None
        processor = row.processor
        if config.get("model_type") == "vision-encoder-decoder":
            processor = _TOKENIZER
        return TransformersInfo(auto_model=auto_model, custom_class=custom, pipeline_tag=row.task, processor=processor)
    return None


def _classes(config: Mapping[str, Any]) -> list[tuple[str, _Row]]:
    """Return the known classes in the configuration, each with its meaning."""
    names: object = config.get("architectures")
    found: list[tuple[str, _Row]] = []
    for name in cast("list[object]", names) if isinstance(names, list) else []:
        if isinstance(name, str):
            row = next((row for row in _ROWS if re.fullmatch(row.pattern, name)), None)
            found += [] if row is None else [(name, row)]
    return found
