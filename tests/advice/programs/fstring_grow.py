def render(items):
    html = "<ul>"
    for it in items:
        html = f"{html}<li>{it}</li>"  # advise: grow-copy
    return html + "</ul>"


print(len(render(range(12000))))
