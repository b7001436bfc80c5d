# state: done; says: SystemExit
import sys

sys.exit()
