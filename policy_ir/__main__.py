"""`python -m policy_ir` is `policy-ir`."""

from policy_ir.cli import main

main()
