"""Several modules become one script."""

from pages.ui.modules import joined


def test_imports_come_first_and_once(tmp_path):
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "b.js").write_text(
        'import { a } from "./a.js";\nexport function b() { return a; }\n'
    )
    (tmp_path / "main.js").write_text(
        'import {\n  a,\n} from "./a.js";\n'
        'import { b } from "./b.js";\n'
        "export default () => a + b();\n"
    )
    assert joined(tmp_path / "main.js") == (
        "const a = 1;\n\nfunction b() { return a; }\n\nexport default () => a + b();\n"
    )
