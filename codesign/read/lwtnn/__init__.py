"""lwtnn's JSON (D. H. Guest et al., github.com/lwtnn/lwtnn), its sequential format and its functional one."""
