import os, runpy

runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'invoice_trees'), run_name='__main__')
