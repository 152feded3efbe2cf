"""Reads a page of metrics in both forms with Prometheus' own Python library; prints how many samples it found as JSON.

usage: scrape_pages.py URL
"""

import json
import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain


def page(url: str, accept: str) -> str:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def samples(families) -> set:
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in families
        for sample in family.samples
    }


def main(url: str) -> dict:
    plain = samples(read_plain(page(url, "text/plain;version=0.0.4")))
    read = samples(read_open(page(url, "application/openmetrics-text;version=1.0.0")))
    return {"plain": len(plain), "open": len(read), "same": plain == read}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1]), sort_keys=True))
