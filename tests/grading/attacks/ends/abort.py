# state: crashed
import os

os.abort()
