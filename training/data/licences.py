"""Which clips a run may be trained on, by what their source repository states.

A repository's licence need not be the footage's: whoever must answer for every frame looks at the sources.
"""

# Stated to forbid commercial use, or to be the repository's own.
RESTRICTED = ("non-commercial", "-nc", "custom", "openpose")
CLEAR = ("mit", "apache", "bsd", "cc0", "cc-by")


def may_train(licence: str, licences: str) -> bool:
    """`licences`: `any`; `unrestricted`, all but those stated as restricted; `clear`, those stated as free alone."""
    stated = licence.lower()
    if licences == "any":
        return True
    free = not any(word in stated for word in RESTRICTED)
    if licences == "unrestricted":
        return free
    if licences == "clear":
        return free and stated.startswith(CLEAR)
    raise ValueError(f"licences is any, unrestricted or clear, not {licences}")
