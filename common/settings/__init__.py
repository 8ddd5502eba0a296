"""The settings of a site: the sections and keys of `fittingroom.toml` (`common.settings_file`)."""

from __future__ import annotations

from common.settings.links import RoomSensor, SensorSettings, SummarySettings
from common.settings.recognition import MatchingSettings, VisionSettings
from common.settings.screen import OutfitSettings, ScreenSettings
from common.settings.section import Section
from common.settings.shop import CatalogueSettings, DatabaseSettings, PrivacySettings, ShopSettings
from common.settings.web import WebSettings

__all__ = [
    "CatalogueSettings",
    "DatabaseSettings",
    "MatchingSettings",
    "OutfitSettings",
    "PrivacySettings",
    "RoomSensor",
    "ScreenSettings",
    "SensorSettings",
    "Settings",
    "ShopSettings",
    "SummarySettings",
    "VisionSettings",
    "WebSettings",
]


class Settings(Section):
    """Everything a site can set, in the sections of `fittingroom.toml`."""

    shop: ShopSettings = ShopSettings()
    database: DatabaseSettings = DatabaseSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    web: WebSettings = WebSettings()
    vision: VisionSettings = VisionSettings()
    matching: MatchingSettings = MatchingSettings()
    screen: ScreenSettings = ScreenSettings()
    outfits: OutfitSettings = OutfitSettings()
    privacy: PrivacySettings = PrivacySettings()
    summary: SummarySettings = SummarySettings()
    sensors: SensorSettings = SensorSettings()
