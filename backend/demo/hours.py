"""Working hours in the demo: nobody answers at night, and few write at weekends."""

import random
from datetime import datetime, time, timedelta

OPENS, CLOSES = time(7, 40), time(17, 20)


def working(at: datetime, rng: random.Random) -> datetime:
    """`at` if it lies in working hours, else soon after the next morning begins."""
    while at.weekday() > 4 or at.time() > CLOSES:
        at = datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)
    if at.time() < OPENS:
        at = datetime.combine(at.date(), OPENS, at.tzinfo) + timedelta(seconds=rng.randrange(4_000))
    return at


def after(at: datetime, span: timedelta, rng: random.Random) -> datetime:
    """`span` later, whose days are working days, give or take a quarter."""
    day = at
    for _day in range(span.days):
        day = working(datetime.combine(day.date() + timedelta(days=1), day.time(), day.tzinfo), rng)
    rest = timedelta(seconds=span.seconds * rng.uniform(0.75, 1.25))
    return working(day + max(rest, timedelta(minutes=2)), rng)


def written(now: datetime, days_ago: float, rng: random.Random) -> datetime:
    """When somebody wrote who wrote so many days ago: mostly on a working day, mostly in the morning; before `now`."""
    day = (now - timedelta(days=days_ago)).date()
    weekend = max(0, day.weekday() - 4)
    if weekend and rng.random() < 0.85:
        day -= timedelta(days=weekend)
    seconds = round(rng.triangular(6.8, 18.5, 9.5) * 3600)
    at = datetime.combine(day, time(), now.tzinfo) + timedelta(seconds=seconds)
    return at if at < now else now - timedelta(minutes=rng.randrange(4, 240))
