"""Views of photographs: who took them and which articles show them."""

from __future__ import annotations

from storage.index.schema import View, columns

PHOTO_USES = View(
    name="photo_uses",
    comment="One row a photograph, known by its VIRIN or else by its URL: who took it, where it is used",
    select="""
        SELECT coalesce(p.virin, p.url) AS photo, p.virin, p.service, p.vision_id, min(p.photographer),
               p.taken_on, count(DISTINCT a.article_id),
               list_sort(list(DISTINCT a.host)),
               arg_min(p.caption, (a.published_at IS NULL, a.published_at, a.article_id, p.position)),
               coalesce(min(p.caption) <> max(p.caption), false),
               min(a.published_at), max(a.published_at),
               date_diff('day', p.taken_on, min(a.published_at)::DATE)
        FROM photos p JOIN articles a USING (article_id)
        WHERE p.virin IS NOT NULL OR p.url IS NOT NULL
        GROUP BY photo, p.virin, p.service, p.vision_id, p.taken_on""",
    columns=columns(
        "photo | VARCHAR | VIRIN, or the URL of a picture without one",
        "virin | VARCHAR | Visual information record number of the U.S. military",
        "service | VARCHAR | Service that the VIRIN names: Air Force, Navy, ...",
        "vision_id | VARCHAR | The photographer's number in the VIRIN",
        "photographer | VARCHAR | Name in the credit",
        "taken_on | DATE | Day it was taken, from the VIRIN",
        "articles | BIGINT | Articles that show it",
        "hosts | VARCHAR[] | Hosts that show it",
        "caption | VARCHAR | Caption where it was first used",
        "recaptioned | BOOLEAN | Whether it has another caption elsewhere",
        "first_used_at | TIMESTAMP | First publication of an article that shows it, UTC",
        "last_used_at | TIMESTAMP | Latest publication of one, UTC",
        "days_to_first_use | BIGINT | Days from the one it was taken on to its first use",
    ),
)

PHOTOS_BY_UNIT = View(
    name="photos_by_unit",
    comment="One row a service and VISION ID, the number of a photographer or unit in VIRINs",
    select="""
        SELECT service, vision_id, list_sort(list(DISTINCT photographer)), count(*),
               sum(articles)::BIGINT, count(*) FILTER (articles > 1), min(taken_on), max(taken_on),
               round(median(days_to_first_use), 1)
        FROM photo_uses WHERE virin IS NOT NULL GROUP BY service, vision_id""",
    columns=columns(
        "service | VARCHAR | Service that the VIRIN names: Air Force, Navy, ...",
        "vision_id | VARCHAR | Five characters that the VIRIN gives the photographer or unit",
        "photographers | VARCHAR[] | Names in the credits",
        "photos | BIGINT | Different photographs",
        "uses | BIGINT | Uses of them in articles",
        "reused | BIGINT | Photographs that more than one article shows",
        "first_taken_on | DATE | Day of the first",
        "last_taken_on | DATE | Day of the latest",
        "median_days_to_use | DOUBLE | Median days from taking one to its first use",
    ),
)

PHOTO_VIEWS = (PHOTO_USES, PHOTOS_BY_UNIT)
