"""``python -m loganalyzer`` is the console command."""

from loganalyzer.cli import main

if __name__ == "__main__":
    main(prog_name="loganalyzer")
