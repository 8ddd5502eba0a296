from __future__ import annotations

import numpy as np

from models.stylist.features import (
    VECTOR,
    WIDTH,
    build_features,
    compute_context,
    mask_context,
    mask_embedding,
    write_context,
)


def some(count: int) -> np.ndarray:
    vectors = np.random.default_rng(0).standard_normal((count, VECTOR)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_company_is_the_others_of_the_looks() -> None:
    vectors = some(4)
    context = compute_context(vectors, [(0, 1), (0, 2, 3)])
    np.testing.assert_allclose(context.sums[0], vectors[1:].sum(0), atol=1e-6)
    np.testing.assert_allclose(context.sums[1], vectors[0], atol=1e-6)
    assert context.counts.tolist() == [3, 1, 2, 2]


def test_taking_a_look_out_of_the_company_leaves_the_others() -> None:
    vectors, looks = some(4), [(0, 1), (0, 2, 3)]
    colours, names = np.zeros((4, 3), np.float32), ["top"] * 4
    whole, rest = compute_context(vectors, looks), compute_context(vectors, looks[:1])
    rows = build_features(vectors, colours, names, whole)
    write_context(rows[:1], whole.sums[:1] - (vectors[2] + vectors[3]), whole.counts[:1] - 2)
    expected = build_features(vectors, colours, names, rest)
    np.testing.assert_allclose(rows[0], expected[0], atol=1e-5)


def test_an_unknown_garment_is_what_is_left_without_its_picture() -> None:
    vectors, colours = some(2), np.array([[40, 10, 10], [80, 0, 0]], np.float32)
    rows = build_features(vectors, colours, ["top", "coat"], compute_context(vectors, [(0, 1)]))
    mask_embedding(rows, np.array([True, False]))
    unknown = build_features(np.zeros((1, VECTOR), np.float32), colours[:1], ["top"])
    np.testing.assert_array_equal(rows[0], unknown[0])
    assert rows.shape == (2, WIDTH)


def test_without_company_nobody_has_styled_it() -> None:
    vectors, colours = some(2), np.zeros((2, 3), np.float32)
    rows = build_features(vectors, colours, ["top", "top"], compute_context(vectors, [(0, 1)]))
    mask_context(rows, np.array([True, True]))
    np.testing.assert_array_equal(rows, build_features(vectors, colours, ["top", "top"]))
