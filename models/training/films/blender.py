"""Render a film's frames with Blender's Cycles; the only module that imports `bpy`.

Run by an interpreter of its own, `PYTHON -m models.training.films.blender JOB`, since `bpy` pins
an older NumPy than the rest of the project: it imports nothing of the project. The job folder
holds `job.json`, `meshes.npz` and `frames/NNNNN.npz`, see `shoot.py`; pictures that are there
already are not rendered again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

try:
    import bpy
except ImportError:  # pragma: no cover - the message is of use in the renderer's environment
    bpy = None


def _image(path: str, colour: bool = True) -> Any:
    image = bpy.data.images.load(path, check_existing=True)
    if not colour:
        image.colorspace_settings.name = "Non-Color"
    return image


def _material(name: str, spec: dict[str, Any]) -> Any:
    """Build a material: plain or with a texture, cut out by its alpha where `alpha` says so."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    shader, out = nodes["Principled BSDF"], nodes["Material Output"]
    shader.inputs["Base Color"].default_value = (*spec["colour"], 1.0)
    shader.inputs["Roughness"].default_value = spec["roughness"]
    if spec.get("glow"):
        shader.inputs["Emission Color"].default_value = (*spec["colour"], 1.0)
        shader.inputs["Emission Strength"].default_value = spec["glow"]
    if spec.get("texture"):
        texture = nodes.new("ShaderNodeTexImage")
        texture.image = _image(spec["texture"])
        links.new(texture.outputs["Color"], shader.inputs["Base Color"])
        if spec.get("alpha"):
            links.new(texture.outputs["Alpha"], shader.inputs["Alpha"])
    if spec.get("bump"):
        _bump(nodes, links, shader, spec)
    links.new(shader.outputs["BSDF"], out.inputs["Surface"])
    material.cycles.emission_sampling = "NONE"  # panels glow; area lights give the light
    return material


def _bump(nodes: Any, links: Any, shader: Any, spec: dict[str, Any]) -> None:
    """Wrinkle a surface by noise: `bump` metres deep, `grain` waves a metre."""
    where = nodes.new("ShaderNodeUVMap")
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = spec.get("grain", 20.0)
    noise.inputs["Detail"].default_value = 2.0
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Distance"].default_value = spec["bump"]
    links.new(where.outputs["UV"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], bump.inputs["Height"])
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def _mesh(name: str, spec: dict[str, Any], arrays: Any) -> Any:
    """Build an object of quads; a repeated last corner makes a triangle."""
    faces, points = arrays[f"{name}/faces"], arrays[f"{name}/points"]
    mesh = bpy.data.meshes.new(name)
    corners = [tuple(f[:3]) if f[2] == f[3] else tuple(f) for f in faces.tolist()]
    mesh.from_pydata(points.tolist(), [], corners)
    if f"{name}/uv" in arrays:
        layer = mesh.uv_layers.new(name="uv")
        uv = arrays[f"{name}/uv"][np.concatenate([np.array(c) for c in corners])]
        layer.uv.foreach_set("vector", uv.astype(np.float32).ravel())
    if spec.get("smooth"):
        mesh.polygons.foreach_set("use_smooth", np.ones(len(corners), bool))
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(thing)
    thing.pass_index = spec["index"]
    mesh.materials.append(_material(name, spec["material"]))
    if spec.get("subdivide"):
        thing.modifiers.new("subdivide", "SUBSURF").render_levels = spec["subdivide"]
    return thing


def _light(spec: dict[str, Any]) -> None:
    light = bpy.data.lights.new("panel", "AREA")
    light.shape, light.size, light.size_y = "RECTANGLE", spec["size"][0], spec["size"][1]
    light.energy, light.color = spec["watts"], spec["colour"]
    thing = bpy.data.objects.new("panel", light)
    thing.location = spec["location"]
    bpy.context.collection.objects.link(thing)


def _camera(spec: dict[str, Any]) -> None:
    from mathutils import Matrix

    camera = bpy.data.cameras.new("camera")
    camera.sensor_fit, camera.angle = "HORIZONTAL", np.radians(spec["view"])
    camera.clip_start = 0.05
    thing = bpy.data.objects.new("camera", camera)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = spec["axes"], spec["location"]
    thing.matrix_world = Matrix(matrix.tolist())
    bpy.context.collection.objects.link(thing)
    bpy.context.scene.camera = thing


def _settings(job: dict[str, Any]) -> Any:
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.render.resolution_x, scene.render.resolution_y = job["camera"]["size"]
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 3, 2
    scene.cycles.glossy_bounces, scene.cycles.caustics_reflective = 1, False
    # After one bounce the room's light comes as ambient occlusion: half the time of a frame.
    scene.cycles.use_fast_gi, scene.cycles.ao_bounces_render = True, 1
    scene.cycles.sample_clamp_indirect = 2.0
    scene.cycles.denoising_prefilter, scene.cycles.denoising_quality = "NONE", "FAST"
    scene.render.threads_mode, scene.render.threads = "FIXED", job["threads"]
    bpy.context.view_layer.use_pass_object_index = True
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (*job["ambient"], 1.0)
    scene.world = world
    picture = scene.render.image_settings
    picture.media_type, picture.file_format = "MULTI_LAYER_IMAGE", "OPEN_EXR_MULTILAYER"
    picture.exr_codec, picture.color_depth = "NONE", "16"
    return scene


def _render(scene: Any, path: Path, samples: int, denoise: bool, seed: int) -> None:
    fresh = path.with_name(f"new-{path.name}")
    scene.cycles.samples, scene.cycles.use_denoising = samples, denoise
    scene.cycles.seed = seed
    scene.render.filepath = str(fresh)
    bpy.ops.render.render(write_still=True)
    fresh.replace(path)


def _border(scene: Any, border: list[float] | None) -> None:
    """Render a part only, (left, top, right, bottom) relative; the whole picture without one."""
    scene.render.use_border = scene.render.use_crop_to_border = border is not None
    if border is not None:
        left, top, right, bottom = border
        scene.render.border_min_x, scene.render.border_max_x = left, right
        scene.render.border_min_y, scene.render.border_max_y = 1 - bottom, 1 - top


def render_job(folder: Path) -> None:
    """Render the empty room and every frame of a job that is not there yet."""
    job = json.loads((folder / "job.json").read_text())
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = _settings(job)
    with np.load(folder / "meshes.npz") as arrays:
        things = {name: _mesh(name, spec, arrays) for name, spec in job["objects"].items()}
    moving = {n: thing for n, thing in things.items() if job["objects"][n].get("moves")}
    for light in job["lights"]:
        _light(light)
    _camera(job["camera"])
    for thing in moving.values():
        thing.hide_render = True
    if not (folder / "room.exr").is_file():
        _render(scene, folder / "room.exr", job["room_samples"], True, 1)
    for number, border in enumerate(job["borders"]):
        path = folder / "renders" / f"{number:05d}.exr"
        if border is None or path.is_file():
            continue
        started = time.monotonic()
        with np.load(folder / "frames" / f"{number:05d}.npz") as there:
            for name, thing in moving.items():
                thing.hide_render = name not in there
                if name in there:
                    thing.data.vertices.foreach_set("co", there[name].ravel())
                    thing.data.update()
        _border(scene, border)
        _render(scene, path, job["samples"], job["denoise"], number)
        print(f"frame {number} {time.monotonic() - started:.2f} s", flush=True)


if __name__ == "__main__":
    if bpy is None:
        sys.exit("bpy is missing: see docs/how-to/training.md, Films in which people walk.")
    render_job(Path(sys.argv[1]))
