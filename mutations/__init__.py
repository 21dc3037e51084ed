"""Break the world on purpose, and show which claim, grader or test notices.

- `mutation`: what is broken, and what must notice.
- `worlds`: a Ray that is not as it should be, put into a page's kernel before its first cell.
- `pages`: the cells of a page and its claims, read from its source.
- `page_runs`, `kernel`: a page executed whose claims may fail without stopping it.
- `package_runs`: tests run on a copy of the project.
- One module for each page, named as it, and `package`: the mutations themselves.
"""
