from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from common.gallery import Gallery
from common.stock import StockFigures
from models.embedders.protocol import GarmentFeatures
from models.manifest import MatchCalibration, StockPrior
from models.recalibration import Recalibration
from vision.crop import Crop
from vision.garment import GarmentTrack
from vision.match import Matcher


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


class Reader:
    """An embedder whose crops carry their vector: pixel values are its coordinates."""

    # sure from a similarity of 0.9 on; coats from 0.5 on, but then with a lead
    categories = ("top", "dress")
    calibration = MatchCalibration(
        weights=(40, 20, 0, 0), intercept=-37, category_offsets={"coat": 5}, threshold=0.5
    )
    model, dimensions, local_shape = "reader", 3, (0, 0)

    def embed(self, crops: Sequence[np.ndarray]) -> GarmentFeatures:
        return self.embed_queries(crops)

    def embed_queries(
        self, crops: Sequence[np.ndarray], local_features: int | None = None
    ) -> GarmentFeatures:
        vectors = np.stack([unit(*crop[0, 0].astype(float)) for crop in crops])
        kinds = np.tile(np.array([0.2, 0.8], np.float32), (len(crops), 1))
        return GarmentFeatures(vectors, kinds, np.zeros((len(crops), 0, 0), np.float32))


GALLERY = Gallery(
    np.stack([unit(1, 0, 0), unit(0.98, 0.2, 0), unit(0, 1, 0), unit(0, 0, 1)]),
    ("A", "A", "B", "C"),
    ("top", "top", "coat", "dress"),
)


def crop(*values: int) -> np.ndarray:
    return np.array([[values]], np.uint8)


def matcher(caution: float = 0.0, gallery: Gallery = GALLERY) -> Matcher:
    return Matcher(Reader(), gallery, caution)


def test_two_views_of_an_article_are_one_candidate() -> None:
    match = matcher().match_image(crop(250, 10, 0))
    assert match.sku == "A"
    assert [candidate.sku for candidate in match.nearest] == ["A", "B", "C"]
    scores = [candidate.score for candidate in match.nearest]
    assert scores == sorted(scores, reverse=True)


def test_a_camera_corrects_the_probability() -> None:
    sure = matcher().match_image(crop(250, 0, 60))
    doubtful = Matcher(Reader(), GALLERY, recalibration=Recalibration(1.0, -20.0))
    corrected = doubtful.match_image(crop(250, 0, 60))
    assert sure.sku == "A"
    assert sure.probability == sure.base_probability
    assert corrected.sku is None
    assert corrected.base_probability == sure.probability
    assert corrected.probability < 0.5


@pytest.mark.parametrize(
    ("pixels", "caution", "sku"),
    [
        ((200, 0, 160), 0.0, None),  # 0.78 to A, 0.15 before C
        ((250, 0, 60), 0.0, "A"),
        ((200, 0, 120), 0.0, "A"),  # 0.86 to A, 0.34 before C: just sure
        ((200, 0, 140), 0.0, "A"),
        ((200, 0, 140), 0.3, None),  # the shop is more cautious
        ((40, 200, 0), 0.0, "B"),
        ((140, 160, 0), 0.0, None),  # a top, hardly before the coat
    ],
)
def test_unknown_is_an_answer(
    pixels: tuple[int, int, int], caution: float, sku: str | None
) -> None:
    match = matcher(caution).match_image(crop(*pixels))
    assert match.sku == sku
    assert match.nearest


def test_an_unknown_garment_is_of_the_likeliest_kind() -> None:
    # The views show a dress with 0.8, the best candidate is a top.
    nearly, hardly = (matcher(0.5).match_image(crop(200, 0, blue)) for blue in (120, 155))
    assert nearly.sku is hardly.sku is None
    assert nearly.probability > 0.8
    assert hardly.probability < 0.35
    assert (nearly.category, hardly.category) == ("top", "dress")


class CellReader(Reader):
    """Its crops also carry what their only cell shows, in their second pixel."""

    local_shape = (1, 3)

    def embed_queries(
        self, crops: Sequence[np.ndarray], local_features: int | None = None
    ) -> GarmentFeatures:
        cells = np.stack([unit(*crop[0, 1].astype(float))[None] for crop in crops])
        plain = super().embed_queries(crops)
        return GarmentFeatures(plain.embeddings, plain.category_probabilities, cells)


def test_parts_tell_apart_whose_vectors_are_alike() -> None:
    x, y, z = np.eye(3, dtype=np.int8) * 127
    gallery = Gallery(
        np.stack([unit(1, 0.1, 0), unit(1, 0.1, 0.1), unit(1, 0, 0), unit(0, 1, 0)]),
        ("A", "B", "A", "C"),
        ("top", "coat", "top", "dress"),
        np.stack([z, x, y, -z])[:, None],
    )
    reader = Matcher(CellReader(), gallery)
    for shown, sku in (((0, 250, 0), "A"), ((250, 0, 0), "B"), ((0, 0, 250), "A")):
        match = reader.match_image(np.array([[(250, 20, 0), shown]]))
        # A has two pictures, and the one that is more alike speaks for it.
        assert match.nearest[0].sku == sku
        assert match.score > 0.99
    assert match.nearest[-1].sku == "C"


def test_an_empty_gallery_matches_nothing() -> None:
    empty = Gallery(np.zeros((0, 1), np.float32), (), ())
    assert matcher(gallery=empty).match_image(crop(1, 2, 3)).as_json() == {
        "category": "dress", "category_certain": True, "sku": None, "score": 0.0,
        "certainty": 0.0, "candidates": [],
    }  # fmt: skip


def garment(
    first: float,
    last: float,
    *crops: tuple[float, np.ndarray],
    box: tuple[int, int, int, int] = (0, 0, 50, 100),
) -> GarmentTrack:
    kept = {n: Crop(first, quality, image) for n, (quality, image) in enumerate(crops)}
    times = range(round(first * 10), round(last * 10))
    return GarmentTrack(first, last, frames=len(times), votes={"dress": 1.0}, crops=kept,
                        boxes={n / 10: np.array(box, np.float32) for n in times})  # fmt: skip


def fused(*garments: GarmentTrack) -> list[GarmentFeatures]:
    return matcher().fuse(garments)


def test_spoilt_views_do_not_spoil_the_match() -> None:
    # three views show the dress, two an arm; their mean would be no article at all
    views = [crop(0, 0, 255)] * 3 + [crop(255, 0, 0), crop(0, 255, 0)]
    track = garment(0, 2, *[(0.5, view) for view in views])
    (seen,) = fused(track)
    assert matcher().match(seen).nearest[0].sku == "C"


def test_one_garment_seen_in_two_tracks_is_one() -> None:
    red = (0.5, crop(255, 0, 0))
    assert len(fused(garment(0, 2, red), garment(2.5, 4, red))) == 1


def test_two_garments_seen_together_are_two_even_if_alike() -> None:
    red = (0.5, crop(255, 0, 0))
    beside = garment(1, 4, red, box=(40, 0, 90, 100))
    assert len(fused(garment(0, 2, red), beside)) == 2


def test_a_garment_boxed_whole_and_in_part_is_one() -> None:
    red, blue = (0.5, crop(255, 0, 0)), (0.5, crop(0, 0, 255))
    assert len(fused(garment(0, 2, red), garment(1, 4, red, box=(10, 40, 50, 100)))) == 1
    assert len(fused(garment(0, 2, red), garment(1, 4, blue, box=(10, 40, 50, 100)))) == 2


def test_a_garment_lost_and_found_by_turns_is_one() -> None:
    red = (0.5, crop(255, 0, 0))
    one, other = garment(0, 4, red), garment(0, 4, red, box=(60, 0, 110, 100))
    for number, time in enumerate(list(one.boxes)):
        del (one if number % 2 else other).boxes[time]
    assert len(fused(one, other)) == 1


def test_different_garments_one_after_the_other_are_two() -> None:
    tracks = (garment(0, 2, (0.5, crop(255, 0, 0))), garment(3, 4, (0.5, crop(0, 255, 0))))
    assert len(fused(*tracks)) == 2


def test_an_unsure_match_has_the_category_the_views_show() -> None:
    (seen,) = fused(garment(0, 2, (0.5, crop(140, 160, 0))))
    match = matcher().match(seen)
    assert match.sku is None
    assert match.category == "dress"


def test_candidates_are_of_the_likeliest_category_first() -> None:
    # As alike to each other as can be, but the views show a dress.
    gallery = Gallery(
        np.stack([unit(1, 0, 0), unit(1, 0.05, 0), unit(1, 0.1, 0)]),
        ("A", "B", "C"),
        ("top", "hat", "dress"),
    )
    match = matcher(0.5, gallery).match_image(crop(250, 0, 0))
    assert match.sku is None
    assert [candidate.sku for candidate in match.nearest] == ["A", "B", "C"]
    assert match.candidates[-1].sku == "B"
    assert match.as_json()["candidates"] == [
        {"sku": candidate.sku, "score": candidate.score} for candidate in match.candidates
    ]


def test_an_accepted_article_stands_first_among_the_candidates() -> None:
    match = matcher().match_image(crop(250, 10, 0))
    assert match.candidates[0].sku == match.sku == "A"
    assert match.category_certain


def test_a_category_without_a_clear_lead_is_said_to_be_unsure() -> None:
    # The best candidate is a top with about the chance that the views leave to a dress.
    sure = [matcher(0.5).match_image(crop(200, 0, blue)) for blue in range(110, 160, 2)]
    assert all(match.sku is None for match in sure)
    told = [match.category_certain for match in sure]
    assert told[0]
    assert told[-1]
    assert not all(told)


def test_a_match_holds_a_few_different_views_as_the_gallery_would() -> None:
    gallery = Gallery(np.stack([unit(1, 0, 0), unit(0, 1, 0)]), ("A", "B"), ("top", "top"))
    seen = Reader().embed_queries([crop(250, n, 0) for n in (0, 10, 240, 250, 20)])
    views = matcher(gallery=gallery).match(seen).views
    assert views is not None
    assert views.model == "reader"
    assert views.embeddings.shape == (3, 3)
    # The first, the one least like it, and the one between them.
    assert views.embeddings[1] @ views.embeddings[0] == pytest.approx(
        (seen.embeddings @ seen.embeddings[0]).min()
    )
    assert "views" not in matcher(gallery=gallery).match(seen).as_json()


class StockReader(Reader):
    """An embedder with a prior by stock."""

    calibration = Reader.calibration.model_copy(
        update={
            "stock": StockPrior(weights=(1, 0, 0, 0), intercept=0, wrong=0.05, temperature=0.02)
        }
    )


LOOK_ALIKES = Gallery(
    np.stack([unit(1, 0, 0), unit(0.98, 0.2, 0), unit(0, 1, 0), unit(0, 0, 1)]),
    ("A", "B", "C", "D"),
    ("top", "top", "coat", "dress"),
)


def in_stock(*skus: str) -> StockFigures:
    unknown = np.full(4, np.nan)
    listed = np.array([sku in skus for sku in LOOK_ALIKES.skus])
    return StockFigures(LOOK_ALIKES.skus, listed, unknown, unknown, unknown)


def test_of_look_alikes_the_one_in_stock_is_matched() -> None:
    between = crop(250, 25, 0)  # as similar to A as to B
    for stocked, other in (("A", "B"), ("B", "A")):
        match = Matcher(StockReader(), LOOK_ALIKES, stock=in_stock(stocked, "C")).match_image(
            between
        )
        assert [c.sku for c in match.nearest[:2]] == [stocked, other]
        assert [c.sku for c in match.candidates[:2]] == [stocked, other]


def test_an_article_that_is_not_in_stock_is_found_by_clear_evidence() -> None:
    match = Matcher(StockReader(), LOOK_ALIKES, stock=in_stock("A", "B", "C")).match_image(
        crop(10, 0, 250)
    )
    assert match.sku == "D"
    assert match.score == pytest.approx(0.9992, abs=1e-4)  # the similarity, without the prior


def test_without_known_stock_nothing_changes() -> None:
    for shown in (crop(250, 25, 0), crop(200, 0, 160), crop(40, 200, 0)):
        plain = Matcher(StockReader(), LOOK_ALIKES).match_image(shown)
        for stock in (in_stock(), in_stock(*LOOK_ALIKES.skus)):
            match = Matcher(StockReader(), LOOK_ALIKES, stock=stock).match_image(shown)
            assert match.as_json() == plain.as_json()
        no_prior = Matcher(Reader(), LOOK_ALIKES, stock=in_stock("B")).match_image(shown)
        assert no_prior.as_json() == plain.as_json()
