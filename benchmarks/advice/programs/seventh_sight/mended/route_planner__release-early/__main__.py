import os, runpy

runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'route_planner'), run_name='__main__')
