"""What the write queue does: commits a second and the longest wait of 1, 4 and 8 writers."""

import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 4
WRITERS = [sys.executable, "-m", "tests.db.writers"]


def main() -> None:
    print(f"{'writers':>8} {'commits/s':>10} {'fewest':>8} {'longest ms':>11}")
    for number in (1, 4, 8):
        with tempfile.TemporaryDirectory() as directory:
            database = str(Path(directory) / "bench.sqlite3")
            subprocess.run([*WRITERS, "create", database], check=True)
            command = [*WRITERS, "count", database, str(SECONDS)]
            writers = [
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)
            ]
            answers = [writer.communicate()[0].split() for writer in writers]
        commits = [int(count) for count, _ in answers]
        longest = max(float(seconds) for _, seconds in answers)
        rate = sum(commits) / SECONDS
        print(f"{number:>8} {rate:>10.0f} {min(commits):>8} {longest * 1000:>11.0f}")


if __name__ == "__main__":
    main()
